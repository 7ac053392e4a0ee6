import type { Logger } from '@tidelock/core';

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };
