/** Where a shop's tables are in BigQuery. */

export interface DatasetAddress {
  readonly projectId: string;
  readonly datasetId: string;
}

/** Project ids may begin with a domain: `example.com:shop`. The dataset is what follows the last point. */
const addressPattern =
  /^((?:[a-z0-9][a-z0-9.-]{0,252}:)?[a-z][a-z0-9-]{4,28}[a-z0-9])\.([A-Za-z_][A-Za-z0-9_]{0,254})$/;

/** @param text such as `my-project.shop`; null when it is no address of a dataset */
export function readDatasetAddress(text: string): DatasetAddress | null {
  const [, projectId, datasetId] = addressPattern.exec(text) ?? [];
  return projectId === undefined || datasetId === undefined ? null : { projectId, datasetId };
}
