import packageFile from "../../package.json" with { type: "json" };

export const packageVersion: string = packageFile.version;
