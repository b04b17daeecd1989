/**
 * A reporter for Node's test runner: its JUnit report, with each test in the file that ran it. Node's own names the file
 * that declares the test, so a file that runs only the tests of a contract would be in no report.
 */
import { junit, type TestEvent } from 'node:test/reporters';

type TestEvents = AsyncGenerator<TestEvent, void>;

// biome-ignore lint/style/noDefaultExport: Node takes a reporter's default export.
export default async function* reportByTestFile(events: TestEvents): AsyncGenerator<string, void> {
  yield* junit(inFileThatRan(events));
}

/** `entryFile` is the file that the runner was given; Node's types do not have it yet. */
async function* inFileThatRan(events: TestEvents): TestEvents {
  for await (const event of events) {
    const { data } = event;
    if (data === undefined || !('entryFile' in data)) yield event;
    else yield { ...event, data: { ...data, file: data.entryFile } } as TestEvent;
  }
}
