/** No test is here. */
export {};
