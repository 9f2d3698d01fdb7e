/** Tells scripts/test.mjs how the tests went, for the line it ends with. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    process.send?.({
      passed: results.numPassedTests,
      // A suite that could not run has no failed tests to count.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    });
  }
}
