/** The signals that stop a process. They differ by platform. */

/**
 * On Windows SIGTERM can't be received, it kills; Ctrl-Break and the closing of the console arrive as SIGBREAK and
 * SIGHUP. Elsewhere SIGHUP is left alone: to listen for it would undo `nohup`, as Node does by itself.
 */
export function stopSignals(platform: NodeJS.Platform): readonly NodeJS.Signals[] {
  return platform === 'win32' ? ['SIGTERM', 'SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGTERM', 'SIGINT'];
}

/** The signal by which a process ends itself after one of them: on Windows only a few do. */
export function endSignal(asked: NodeJS.Signals, platform: NodeJS.Platform): NodeJS.Signals {
  return platform === 'win32' ? 'SIGTERM' : asked;
}
