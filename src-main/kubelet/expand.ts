/** Replaces `$(NAME)` by the variable's value; unknown names stay as they are, and `$$` stands for one `$`. */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? found),
  )
}
