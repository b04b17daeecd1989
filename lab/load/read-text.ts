/**
 * The body of an answer as UTF-8; null when it is longer than `bytesMax` bytes after decompression, of which no
 * more is read then. A host under load may be anything, and its answer may never end.
 *
 * @throws the error of the connection
 */
export async function readText(response: Response, bytesMax: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop early gives up the rest.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
