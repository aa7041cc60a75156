// The Salesforce CLI 2, unmodified, against a fresh sandbox.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const { SANDBOX_URL: url, SANDBOX_TOKEN: token, SANDBOX_USERNAME: username, SANDBOX_PASSWORD: password, NODE: node } = process.env;
const cli = fileURLToPath(new URL('node_modules/.bin/sf', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'sf-'));
const env = {
  ...process.env, HOME: folder, SF_ACCESS_TOKEN: token, SF_DISABLE_TELEMETRY: 'true', SF_DISABLE_AUTOUPDATE: 'true',
  SF_SKIP_NEW_VERSION_CHECK: 'true', SF_USE_GENERIC_UNIX_KEYCHAIN: 'true', SF_DISABLE_LOG_FILE: 'true', SF_TARGET_ORG: 'sim', CI: 'true',
};

// sf runs a command and returns its result; a command that fails throws what it
// says.
function sf(...args) {
  return new Promise((resolve, reject) => {
    execFile(node, [cli, ...args, '--json'], { env, cwd: folder, maxBuffer: 1 << 26 }, (_, stdout, stderr) => {
      let answer;
      try {
        answer = JSON.parse(stdout);
      } catch {
        reject(new Error(`sf ${args.join(' ')}: ${stdout}${stderr}`));
        return;
      }
      if (answer.status === 0) resolve(answer.result);
      else reject(Object.assign(new Error(`${answer.name}: ${answer.message}`), { answer }));
    });
  });
}

// text runs a command and returns what it prints for a person.
function text(...args) {
  return new Promise((resolve, reject) => {
    execFile(node, [cli, ...args], { env, cwd: folder }, (error, stdout, stderr) => (error ? reject(new Error(stdout + stderr)) : resolve(stdout)));
  });
}

const file = async (name, content) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

before(async () => {
  const user = await sf('org', 'login', 'access-token', '--instance-url', url, '--no-prompt', '--alias', 'sim', '--set-default');
  assert.equal(user.username, username);
});

describe('org', () => {
  test('display and list', async () => {
    const shown = await sf('org', 'display');
    assert.match(shown.id, /^00D/);
    assert.equal(shown.connectedStatus, 'Connected');
    const all = Object.values(await sf('org', 'list', '--skip-connection-status')).flat();
    assert.ok(all.some((o) => o.username === username));
  });
  test('limits and record counts', async () => {
    assert.ok((await sf('org', 'list', 'limits')).some((l) => l.name === 'DailyApiRequests' && l.max > 0));
    assert.ok(Array.isArray(await sf('org', 'list', 'sobject', 'record-counts', '--sobject', 'Account', '--sobject', 'Lead')));
    assert.ok((await sf('org', 'list', 'sobject', 'record-counts')).length > 3);
  });
  test('objects are listed and described', async () => {
    assert.ok((await sf('sobject', 'list', '--sobject', 'standard')).includes('Lead'));
    assert.equal((await sf('sobject', 'describe', '--sobject', 'Lead')).keyPrefix, '00Q');
  });
  test('an address to open it', async () => {
    assert.match((await sf('org', 'open', '--url-only', '--path', 'lightning')).url, /^http/);
  });
});

describe('data', () => {
  let id;
  test('create, get, update a record', async () => {
    ({ id } = await sf('data', 'create', 'record', '--sobject', 'Account', '--values', "Name='Acme Works' Website=acme.example"));
    assert.equal((await sf('data', 'get', 'record', '--sobject', 'Account', '--record-id', id)).Name, 'Acme Works');
    await sf('data', 'update', 'record', '--sobject', 'Account', '--where', "Name='Acme Works'", '--values', 'Industry=Energy');
    assert.equal((await sf('data', 'get', 'record', '--sobject', 'Account', '--where', "Name='Acme Works'")).Industry, 'Energy');
  });
  test('query for programs and for people', async () => {
    await sf('data', 'create', 'record', '--sobject', 'Contact', '--values', `LastName=Doe AccountId=${id}`);
    const found = await sf('data', 'query', '--query', "SELECT Id, Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Acme Works'");
    assert.equal(found.records[0].Contacts.records[0].LastName, 'Doe');
    const table = await text('data', 'query', '--query', "SELECT Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Acme Works'");
    assert.match(table, /Acme Works/);
    const csv = await text('data', 'query', '--result-format', 'csv', '--query', "SELECT Name, COUNT(Id) accounts FROM Account WHERE Name = 'Acme Works' GROUP BY Name");
    assert.match(csv, /Acme Works,1/);
  });
  test('query of activities, deleted records and definitions', async () => {
    const task = await sf('data', 'create', 'record', '--sobject', 'Task', '--values', `Subject=Call WhatId=${id}`);
    const query = `SELECT Subject, TYPEOF What WHEN Account THEN Industry ELSE Name END FROM Task WHERE Id = '${task.id}'`;
    assert.match(await text('data', 'query', '--query', query), /Energy/);
    await sf('data', 'delete', 'record', '--sobject', 'Task', '--record-id', task.id);
    assert.equal((await sf('data', 'query', '--all-rows', '--query', `SELECT IsDeleted FROM Task WHERE Id = '${task.id}'`)).records[0].IsDeleted, true);
    const definition = "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName = 'Account'";
    assert.equal((await sf('data', 'query', '--use-tooling-api', '--query', definition)).totalSize, 1);
  });
  test('errors are shown', async () => {
    await assert.rejects(sf('data', 'query', '--query', 'SELECT Nothing FROM Account'), /No such column 'Nothing'/);
    await assert.rejects(sf('data', 'create', 'record', '--sobject', 'Lead', '--values', 'LastName=Doe'), /Company/);
  });
  test('search', async () => {
    const found = await sf('data', 'search', '--query', 'FIND {Acme} IN NAME FIELDS RETURNING Account(Name)');
    assert.equal(found.searchRecords[0].Name, 'Acme Works');
  });
  test('import of a tree', async () => {
    const tree = await file('tree.json', JSON.stringify({ records: [{
      attributes: { type: 'Account', referenceId: 'AccountRef1' }, Name: 'Tree Works',
      Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'ContactRef1' }, LastName: 'Leaf' }] },
    }] }));
    assert.equal((await sf('data', 'import', 'tree', '--files', tree)).length, 2);
    await sf('data', 'export', 'tree', '--query', "SELECT Id, Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Tree Works'", '--output-dir', folder);
  });
  test('delete a record', async () => {
    const made = await sf('data', 'create', 'record', '--sobject', 'Contact', '--values', 'LastName=Gone');
    await sf('data', 'delete', 'record', '--sobject', 'Contact', '--record-id', made.id);
    await assert.rejects(sf('data', 'get', 'record', '--sobject', 'Contact', '--record-id', made.id), /deleted/i);
  });
});

describe('bulk', () => {
  test('import, export, update, upsert, delete', async () => {
    const csv = await file('leads.csv', ['LastName,Company', ...Array.from({ length: 300 }, (_, i) => `Bulk ${i},Acme`), ''].join('\n'));
    const imported = await sf('data', 'import', 'bulk', '--sobject', 'Lead', '--file', csv, '--wait', '5');
    assert.deepEqual([imported.processedRecords, imported.failedRecords], [300, 0]);
    const results = await sf('data', 'bulk', 'results', '--job-id', imported.jobId);
    assert.equal(results.successfulRecords, 300);

    const out = join(folder, 'out.csv');
    const exported = await sf('data', 'export', 'bulk', '--query', "SELECT Id, Title FROM Lead WHERE LastName LIKE 'Bulk %'", '--output-file', out, '--result-format', 'csv', '--wait', '5');
    assert.equal(exported.totalSize, 300);
    const ids = (await readFile(out, 'utf8')).trim().split('\n').slice(1).map((line) => line.split(',')[0].replaceAll('"', ''));
    assert.equal(ids.length, 300);

    const titles = await file('titles.csv', ['Id,Title', ...ids.map((i) => `${i},CEO`), ''].join('\n'));
    assert.equal((await sf('data', 'update', 'bulk', '--sobject', 'Lead', '--file', titles, '--wait', '5')).processedRecords, 300);
    await sf('data', 'upsert', 'bulk', '--sobject', 'Lead', '--external-id', 'Id', '--file', titles, '--wait', '5');
    const gone = await file('gone.csv', ['Id', ...ids, ''].join('\n'));
    await sf('data', 'delete', 'bulk', '--sobject', 'Lead', '--file', gone, '--wait', '5');
    assert.equal((await sf('data', 'query', '--query', "SELECT COUNT() FROM Lead WHERE LastName LIKE 'Bulk %'")).totalSize, 0);
  });
  test('jobs are left alone and resumed', async () => {
    const csv = await file('later.csv', 'LastName|Company\r\n"La|ter"|Acme\r\n');
    const { jobId } = await sf('data', 'import', 'bulk', '--sobject', 'Lead', '--file', csv, '--column-delimiter', 'PIPE', '--line-ending', 'CRLF');
    assert.equal((await sf('data', 'import', 'resume', '--job-id', jobId)).processedRecords, 1);
  });
  test('rows that fail are told', async () => {
    const csv = await file('bad.csv', 'LastName,Company\nGood,Acme\nBad,\n');
    await assert.rejects(sf('data', 'import', 'bulk', '--sobject', 'Lead', '--file', csv, '--wait', '5'), /fail/i);
  });
});

test('any REST request', async () => {
  assert.match(await text('api', 'request', 'rest', 'services/data/v67.0/limits'), /DailyApiRequests/);
});

// browse presses what a person would press, from the authorization page to the
// client's callback.
async function browse(address) {
  let cookie = '';
  const open = async (to, options) => {
    const page = await fetch(to, { redirect: 'manual', headers: { cookie }, ...options });
    cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    const next = page.headers.get('location');
    return next ? open(new URL(next, to)) : page.text();
  };
  const submit = (page, given) => {
    const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]);
    const action = new URL(page.match(/<form method="post" action="([^"]+)"/)[1], url);
    return open(action, { method: 'POST', body: new URLSearchParams([...hidden, ...Object.entries(given)]) });
  };
  const consent = await submit(await open(address), { username, password });
  await submit(consent, { decision: 'allow' });
}

describe('login', () => {
  const expire = () => fetch(`${url}/__sandbox/sessions/expire`, { method: 'POST' });
  const accounts = (alias) => sf('data', 'query', '--target-org', alias, '--query', 'SELECT COUNT() FROM Account');
  test('with a key, and again when the session ends', async () => {
    const key = await file('server.key', await (await fetch(`${url}/__sandbox/jwt-key`)).text());
    await sf('org', 'login', 'jwt', '--client-id', process.env.SANDBOX_CLIENT_ID, '--jwt-key-file', key, '--username', username, '--instance-url', url, '--alias', 'key');
    await expire();
    assert.ok((await accounts('key')).totalSize > 0);
  });
  test('in a browser, and again when the session ends', async () => {
    const opened = join(folder, 'opened');
    const browser = await file('browser', `#!/bin/sh\nprintf %s "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`);
    await chmod(browser, 0o700);
    const changes = watch(folder, { signal: AbortSignal.timeout(60_000) });
    const login = spawn(node, [cli, 'org', 'login', 'web', '--instance-url', url, '--alias', 'web'], { env: { ...env, BROWSER: browser }, cwd: folder, stdio: 'ignore' });
    const ended = once(login, 'exit');
    for await (const { filename } of changes) if (filename === 'opened') break;
    await browse(await readFile(opened, 'utf8'));
    assert.equal((await ended)[0], 0);
    await expire();
    assert.ok((await accounts('web')).totalSize > 0);
    await sf('org', 'logout', '--target-org', 'web', '--no-prompt');
  });
});
