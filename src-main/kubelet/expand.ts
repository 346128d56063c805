/**
 * Replaces `$(NAME)` by the variable's value; `$$` stands for one `$`, and unknown names stay as they are unless
 * `unknown` says otherwise.
 */
export function expand(
  text: string,
  variables: ReadonlyMap<string, string>,
  unknown?: (name: string) => string,
): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? unknown?.(name) ?? found),
  )
}
