/** Failures whose message is a sentence for the operator; anything else is told with its stack. */
const refusals: readonly string[] = ['ListenError', 'OrderKeySecretError', 'ConnectionFailedError'];

/** By name, so that no engine has to be loaded to recognise what it says. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && (error.name.endsWith('RefusedError') || refusals.includes(error.name));
}
