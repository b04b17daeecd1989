import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDatasetAddress } from './dataset-address.ts';

describe('the address of a dataset', () => {
  it('is a project and a dataset', () => {
    assert.deepEqual(readDatasetAddress('my-project.shop_1'), {
      projectId: 'my-project',
      datasetId: 'shop_1',
    });
    assert.deepEqual(readDatasetAddress('example.com:my-project.shop'), {
      projectId: 'example.com:my-project',
      datasetId: 'shop',
    });
  });

  it('is nothing else', () => {
    for (const text of [
      'shop',
      'my-project.',
      '.shop',
      'my-project.shop.orders',
      'my-project.sh-op',
      'My-Project.shop',
      'my-project.shop`; --',
    ])
      assert.equal(readDatasetAddress(text), null, text);
  });
});
