/** The Parquet schema of checkpoints (delta-io/delta, PROTOCOL.md, "Checkpoint Schema"), as far as our tables need it. */
import type { SchemaElement } from 'hyparquet';

type Leaf = 'text' | 'long' | 'integer' | 'boolean';

function leaf(name: string, type: Leaf): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type) {
    case 'text':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }];
    case 'long':
      return [{ ...optional, type: 'INT64' }];
    case 'integer':
      return [{ ...optional, type: 'INT32' }];
    case 'boolean':
      return [{ ...optional, type: 'BOOLEAN' }];
  }
}

function struct(name: string, ...children: readonly SchemaElement[][]): SchemaElement[] {
  return [{ name, repetition_type: 'OPTIONAL', num_children: children.length }, ...children.flat()];
}

/** From texts to texts. */
function map(name: string): SchemaElement[] {
  const [value] = leaf('value', 'text') as [SchemaElement];
  return [
    {
      name,
      repetition_type: 'OPTIONAL',
      num_children: 1,
      converted_type: 'MAP',
      logical_type: { type: 'MAP' },
    },
    { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
    { ...value, name: 'key', repetition_type: 'REQUIRED' },
    value,
  ];
}

function listOfTexts(name: string): SchemaElement[] {
  return [
    {
      name,
      repetition_type: 'OPTIONAL',
      num_children: 1,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...leaf('element', 'text'),
  ];
}

export const checkpointColumns = ['txn', 'add', 'remove', 'metaData', 'protocol'] as const;

export const checkpointSchema: SchemaElement[] = [
  { name: 'spark_schema', num_children: checkpointColumns.length },
  ...struct('txn', leaf('appId', 'text'), leaf('version', 'long'), leaf('lastUpdated', 'long')),
  ...struct(
    'add',
    leaf('path', 'text'),
    map('partitionValues'),
    leaf('size', 'long'),
    leaf('modificationTime', 'long'),
    leaf('dataChange', 'boolean'),
    map('tags'),
    leaf('stats', 'text'),
  ),
  ...struct(
    'remove',
    leaf('path', 'text'),
    leaf('deletionTimestamp', 'long'),
    leaf('dataChange', 'boolean'),
    leaf('extendedFileMetadata', 'boolean'),
    map('partitionValues'),
    leaf('size', 'long'),
  ),
  ...struct(
    'metaData',
    leaf('id', 'text'),
    leaf('name', 'text'),
    leaf('description', 'text'),
    struct('format', leaf('provider', 'text'), map('options')),
    leaf('schemaString', 'text'),
    listOfTexts('partitionColumns'),
    map('configuration'),
    leaf('createdTime', 'long'),
  ),
  ...struct('protocol', leaf('minReaderVersion', 'integer'), leaf('minWriterVersion', 'integer')),
];
