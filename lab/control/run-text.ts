/** The result of a run, for a terminal: the verdict on top. */
import { formatTable } from '../bench/text-table.ts';
import type { FleetTotals, Latency } from '../load/fleet.ts';
import type { DrillView, LimitSearchView, RunView } from './live.ts';
import { paceWords } from './pace-words.ts';
import { milliseconds, whole } from './progress-line.ts';

/** The exit code: 0 when everything that was asked of the run holds. */
export function exitCodeOf({ state, truth, voidReasons, broken, limit }: RunView): 0 | 1 {
  const isTrue = truth?.kind === 'kept' || truth?.kind === 'nothing';
  const isFound = limit === null || limit.holdsPerSecond !== null;
  return state === 'ended' && isTrue && isFound && voidReasons.length === 0 && broken.length === 0 ? 0 : 1;
}

export function runText(view: RunView): string {
  const { plan, url, totals, limit } = view;
  const about = `${plan.scenario} at ${url}: ${limit === null ? paceWords(plan.pace) : 'search for the limit'}`;
  return [
    verdictLines(view).join('\n'),
    about,
    ...(limit === null ? [] : [limitText(limit)]),
    ...(totals === null ? [] : [totalsText(totals)]),
  ].join('\n\n');
}

function verdictLines({ problem, truth, voidReasons, broken, limit, drills }: RunView): readonly string[] {
  return [
    ...(problem === null ? [] : [`FAILED    ${problem}`]),
    ...(truth === null ? [] : [`${truthWords[truth.kind]}  ${oneLine(truth.sentence)}`]),
    ...(truth?.faults ?? []).map(
      ({ kind, count, examples }) => `          ${count} ${kind}: ${oneLine(examples.join('; '))}`,
    ),
    ...(drills ?? []).map((drill) => `DRILL     ${drillWords(drill)}`),
    ...broken.map((sentence) => `BROKEN    ${sentence}`),
    ...voidReasons.map((reason) => `VOID      ${reason}`),
    ...(limit === null ? [] : [limitVerdict(limit)]),
  ];
}

/** One kind of fault: how often it was done, and the result. */
function drillWords({ title, count, isGoingOn, problems }: DrillView): string {
  const times = count === 1 ? 'once' : `${count.toLocaleString('en')} times`;
  const verdict = isGoingOn ? 'going on' : problems.length > 0 ? 'not survived' : 'survived';
  return `${title}, ${times}: ${verdict}`;
}

/** Of one width. */
const truthWords = {
  kept: 'KEPT    ',
  broken: 'BROKEN  ',
  unproven: 'UNPROVEN',
  nothing: 'NOTHING ',
} as const;

function limitVerdict({ holdsPerSecond, ending }: LimitSearchView): string {
  return holdsPerSecond === null
    ? `NO LIMIT  ${ending ?? 'The search did not come to its end.'}`
    : `LIMIT     ${holdsPerSecond.toLocaleString('en')} requests a second hold. ${ending ?? ''}`;
}

function limitText({ objective, steps }: LimitSearchView): string {
  const { p99MsMax, failureShareMax } = objective;
  const rows = steps
    .toSorted((a, b) => a.perSecond - b.perSecond)
    .map(
      ({ perSecond, answeredPerSecond, p50Ms, p99Ms, failureShare, holds, isConfirmation, voidReasons }) => [
        perSecond.toLocaleString('en'),
        whole(answeredPerSecond),
        milliseconds(p50Ms),
        milliseconds(p99Ms),
        `${(failureShare * 100).toFixed(2)} %`,
        `${holds ? 'holds' : 'breaks'}${isConfirmation ? ' for longer' : ''}${voidReasons.length > 0 ? ', generator in doubt' : ''}`,
      ],
    );
  const title = `p99 ≤ ${p99MsMax} ms, failures ≤ ${failureShareMax * 100} %`;
  return `${title}\n${formatTable(['offered/s', 'answered/s', 'p50', 'p99', 'failed', 'objective'], rows)}`;
}

function totalsText(totals: FleetTotals): string {
  const { seconds, requests, failures, requestsPerSecond, latency, routes, failuresByKind } = totals;
  const row = (name: string, count: number, failed: number, perSecond: number, of: Latency) => [
    name,
    whole(count),
    whole(failed),
    whole(perSecond),
    ...[of.meanMs, of.p50Ms, of.p95Ms, of.p99Ms, of.p999Ms, of.maxMs].map(milliseconds),
  ];
  const header = ['route', 'requests', 'failures', 'per s', 'mean', 'p50', 'p95', 'p99', 'p99.9', 'max'];
  const rows = routes.map((one) =>
    row(one.route, one.requests, one.failures, one.requestsPerSecond, one.latency),
  );
  const all = row('all', requests, failures, requestsPerSecond, latency);
  const parts = [
    `Measured for ${seconds.toFixed(1)} s\n${formatTable(header, [...rows, all])}`,
    generatorText(totals),
  ];
  if (failuresByKind.length > 0) {
    const shown = failuresByKind.map(({ route, reason, count, example }) => [
      route,
      `${whole(count)} × ${oneLine(reason)}`,
      oneLine(example).slice(0, 60),
    ]);
    parts.push(formatTable(['failures', 'reason', 'example'], shown));
  }
  return parts.join('\n\n');
}

/** An answer of the host could otherwise move the cursor, or colour the text after it. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ');
}

function generatorText({
  workers,
  cpuCoresMax,
  latenessP99Ms,
  ordersPlaced,
  ordersUnknown,
}: FleetTotals): string {
  const late = latenessP99Ms === null ? '' : `, late by ${milliseconds(latenessP99Ms)} at p99`;
  const orders =
    ordersPlaced + ordersUnknown === 0
      ? ''
      : `\nOrders: ${whole(ordersPlaced)} answers of 201, repeats included; ${whole(ordersUnknown)} without an answer`;
  return `Generator: ${workers} ${workers === 1 ? 'process' : 'processes'}, the busiest with ${cpuCoresMax.toFixed(2)} cores${late}${orders}`;
}
