/** The path of a file as an action names it, URI-encoded, to the path of the file itself. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Not encoded after all: it names the file as it is.
    return path;
  }
}
