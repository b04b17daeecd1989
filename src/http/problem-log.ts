/** Logs failed requests. The lines of each second are bounded: a broken store must not fill the disk. */
import { QueueFullError } from '../intake/commit-batcher.ts';
import type { Log, LogFields } from '../observability/logging.ts';
import type { ProblemCode } from './problem-details.ts';
import type { RequestContext } from './request/request-context.ts';

export interface ProblemLog {
  /**
   * Logs the error with its cause. A full queue is no fault, and metrics count it. Logs the route instead of
   * the path, which may hold typed text.
   */
  fault(error: unknown, context: RequestContext): void;
  /** A visitor sees a page with a request id on it, and may quote it. */
  pageShown(status: number, code: ProblemCode, context: RequestContext): void;
}

/**
 * Lines in one second; the rest are counted. Every client can ask for unknown pages, and the log keeps a few hundred
 * megabytes: at this pace they last for days, and in an outage shoppers' pages have their own.
 */
const faultLinesMax = 10;
const mistakePageLinesMax = 10;
const faultPageLinesMax = 100;

export function createProblemLog(log: Log): ProblemLog {
  const logFault = bounded(faultLinesMax, (fields) => log.error(fields, 'request failed'));
  const writePage = (fields: LogFields) => log.info(fields, 'problem page shown');
  const logMistakePage = bounded(mistakePageLinesMax, writePage);
  const logFaultPage = bounded(faultPageLinesMax, writePage);
  return {
    fault(error, { request, route, requestId, traceparent }) {
      if (error instanceof QueueFullError) return;
      logFault({
        request_id: requestId,
        method: request.method,
        route,
        error,
        ...(traceparent === null ? {} : { traceparent }),
      });
    },
    pageShown(status, code, { request, route, requestId }) {
      const logPage = status >= 500 ? logFaultPage : logMistakePage;
      logPage({ request_id: requestId, method: request.method, route, status, code });
    },
  };
}

function bounded(linesMax: number, write: (fields: LogFields) => void): (fields: LogFields) => void {
  let secondNow = 0;
  let linesThisSecond = 0;
  let suppressed = 0;
  return (fields) => {
    const second = Math.trunc(performance.now() / 1000);
    if (second !== secondNow) {
      secondNow = second;
      linesThisSecond = 0;
    }
    linesThisSecond += 1;
    if (linesThisSecond > linesMax) {
      suppressed += 1;
      return;
    }
    write(suppressed === 0 ? fields : { ...fields, like_this_suppressed: suppressed });
    suppressed = 0;
  };
}
