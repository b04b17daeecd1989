/**
 * A failure that the operator can mend. The message is one sentence with the remedy, and is printed without a
 * stack. Every other failure is a fault of the program.
 */
export abstract class OperatorError extends Error {}
