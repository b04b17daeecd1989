/** `nozama copy` that is refused, in one sentence that names the remedy. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { findFreePort } from '../../lab/service/free-port.ts';
import { orderKeyFile } from '../../src/storage/sqlite/order-key-file.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { aProduct } from '../builders.ts';
import { inFolder } from '../journeys/open-shop.ts';
import { runCli } from '../service.ts';
import { argumentsOf, assertRefused, copy, openSourceShop, withTarget } from './copied-shop.ts';
import { openTestDatabase, postgresMissing } from './postgres-databases.ts';

const missing = await postgresMissing();

describe('a copy is refused', { skip: missing ?? false }, () => {
  it('of a shop that does not add up', async () => {
    await using source = await openSourceShop(10);
    await using target = await openTestDatabase();
    const db = new DatabaseSync(source.file);
    db.exec("UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'kite'");
    db.close();
    const { code, output } = await copy(source, target);
    assert.equal(code, 1);
    assert.match(output, /FAIL {2}stock: movements - sold \+ put back = on hand/);
    assert.match(output, /stays closed: run `nozama verify` on the source/);
  });

  it('into a database that is another shop, or that a service is connected to', async () => {
    await using source = await openSourceShop(3);
    await using target = await openTestDatabase();
    await withTarget(target, async (store) => {
      await store.listProducts(null, 1);
      await assertRefused(
        copy(source, target),
        /A service is connected to the target \(1 connection\): stop it/,
      );
      await store.saveProducts([aProduct()]);
    });
    await assertRefused(copy(source, target), /The target holds a shop already: .* createdb/);
    await using other = await openTestDatabase({ isEmpty: true });
    await other.query('CREATE TABLE orders (id integer)');
    await assertRefused(copy(source, other), /not Nozama’s\. Point --to at another database/);
  });

  it('of a file that is in use, missing, another program’s, older or newer', async () => {
    await using source = await openSourceShop(3);
    await using target = await openTestDatabase({ isEmpty: true });
    const from = (file: string) => ({ ...source, url: `sqlite:${file}` });
    const store = await openSqliteStore({ file: source.file });
    await assertRefused(copy(source, target), /nozama\.db is in use: stop the service/);
    await store.close();
    await assertRefused(
      copy(from(join(source.folder, 'no.db')), target),
      /does not exist\. Is --from right\?/,
    );
    assert.ok(!existsSync(join(source.folder, 'no.db')), 'nothing is made');

    const foreign = join(source.folder, 'foreign.db');
    const db = new DatabaseSync(foreign);
    db.exec('CREATE TABLE mine (x)');
    db.close();
    await assertRefused(
      copy(from(foreign), target),
      /tables that are not Nozama's\. Point --from at another/,
    );
    const text = join(source.folder, 'text.db');
    writeFileSync(
      text,
      'no database, but long enough to be looked at as one by whoever opens it. '.repeat(20),
    );
    await assertRefused(copy(from(text), target), /text\.db can't be opened: file is not a database/);
    await assertRefused(copy(from(source.folder), target), /can't be opened/);

    for (const [version, sentence] of [
      [1, /has schema version 1, this program needs \d+\. Run `nozama migrate` first/],
      [99, /has schema version 99, but this program knows only up to \d+/],
    ] as const) {
      const changed = new DatabaseSync(source.file);
      changed.exec(`PRAGMA user_version = ${version}`);
      changed.close();
      await assertRefused(copy(source, target), sentence);
    }
    const [row] = await target.query("SELECT to_regclass('products') AS products");
    assert.equal(row?.['products'], null, 'the target is not touched');
  });

  it('without the secret of the links, unless the configuration has it', async () => {
    await using source = await openSourceShop(3);
    await using target = await openTestDatabase();
    rmSync(orderKeyFile(source.file));
    await assertRefused(copy(source, target), /order-key is missing, .* or set ORDER_KEY_SECRET/);
    writeFileSync(orderKeyFile(source.file), 'x', { mode: 0o644 });
    await assertRefused(copy(source, target), /can be read by others \(mode 644\)\. Run: chmod 600/);
    const { code, output } = await copy(source, target, { ORDER_KEY_SECRET: 's'.repeat(32) });
    assert.equal(code, 0, output);
    assert.match(output, /as long as the service has the same ORDER_KEY_SECRET/);
  });

  it('into a server that is not there, without showing a password', async () => {
    await using source = await openSourceShop(0);
    const to = `postgres://shop:hidden-word@127.0.0.1:${await findFreePort()}/shop`;
    const ended = runCli(argumentsOf(source.url, to), { dir: source.folder });
    await assertRefused(ended, /PostgreSQL at 127\.0\.0\.1:\d+ can't be reached: .* is --to right\?/);
    assert.doesNotMatch((await ended).output, /hidden-word/);
  });

  it('when the arguments are wrong, in one sentence each', async () => {
    const from = ['--from', 'sqlite:a.db'];
    const to = ['--to', 'postgres://me:hidden-word@here/shop'];
    await inFolder(async (dir) => {
      for (const [args, sentence] of [
        [[], /needs --from sqlite:/],
        [from, /needs --to postgres:/],
        [['--from'], /needs --from/],
        [[...to, '--from', 'a.db'], /--from must look like sqlite:/],
        [[...to, '--from', 'sqlite://a.db'], /--from has slashes/],
        [[...to, '--from', 'postgres://me@here/shop'], /--from must look like sqlite:/],
        [[...from, '--to', 'sqlite:b.db'], /--to must look like postgres:/],
        [[...from, ...to, '--fast'], /no option --fast/],
        [[...from, ...to, 'now'], /takes --from and --to and nothing else/],
      ] as const) {
        const ended = runCli(['copy', ...args], { dir });
        await assertRefused(ended, sentence, 2);
        assert.doesNotMatch((await ended).output, /hidden-word/);
      }
      const help = await runCli(['copy', '--help'], { dir });
      assert.equal(help.code, 0);
      assert.match(help.output, /Usage: nozama copy --from sqlite:FILE --to postgres:/);
      await assertRefused(
        runCli(argumentsOf('sqlite:a.db', 'postgres://me@here/shop'), { dir }),
        /a\.db does not exist/,
      );
    });
  });
});
