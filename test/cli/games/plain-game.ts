/** What `defineGame` returns, as far as the command line looks at it. */
export function plainGame(name: string, avatar?: string) {
  return { name, tickRate: 30, schema: { avatar } };
}
