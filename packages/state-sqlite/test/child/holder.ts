import { createSqliteState } from '../../src/index.ts';
import { quiet } from '../quiet.ts';

/** Opens the data folder named by its argument, says how that went, and holds it until it is killed. */
const [dataDir = ''] = process.argv.slice(2);
try {
  await createSqliteState({}, { dataDir, log: quiet });
  console.log(JSON.stringify({ opened: true }));
  process.stdin.resume();
} catch (error) {
  const { kind, message, remedy } = error as { kind: string; message: string; remedy: string };
  console.log(JSON.stringify({ kind, message, remedy }));
}
