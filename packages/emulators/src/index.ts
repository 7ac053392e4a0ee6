export * from './kit/index.ts';
export * from './microsoft365/index.ts';
export * from './salesforce/index.ts';
