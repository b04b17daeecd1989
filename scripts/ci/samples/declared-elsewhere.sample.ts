import { describeContract } from './contract.ts';

describeContract('one engine');
