/**
 * The text without the characters of this kind at its end. A pattern such as /=+$/ would try every one of them as the
 * first of the end: of a long row of them within the text that takes the square of its length.
 */
export function withoutEnd(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end--
  return text.slice(0, end)
}
