import type { CrowdSample } from "./crowd-sample.ts";

/** What a process of players is told, and answers each with one line, in order. */
export type CrowdOrder =
  | { readonly order: "aim"; readonly count: number; readonly seconds: number }
  | { readonly order: "churn"; readonly perSecond: number }
  | { readonly order: "open" }
  | { readonly order: "close" }
  | { readonly order: "sample" }
  | { readonly order: "end" };

/** A crowd, here or in another process. */
export interface CrowdHandle {
  aimFor(count: number, seconds: number): void;
  churn(perSecond: number): void;
  /** Measuring begins, and ends. */
  open(): Promise<void>;
  close(): Promise<void>;
  sample(): Promise<CrowdSample>;
  end(): Promise<void>;
}
