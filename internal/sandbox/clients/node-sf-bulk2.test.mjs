// node-sf-bulk2 1, unmodified, against a fresh sandbox.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import bulk from 'node-sf-bulk2';

const { SANDBOX_URL: instanceUrl, SANDBOX_TOKEN: accessToken } = process.env;
const { BulkAPI2, RESULTTYPE } = bulk;
const api = (apiVersion = '67.0') => new BulkAPI2({ accessToken, apiVersion, instanceUrl });

// settled asks for a job until it ended.
async function settled(ask) {
  for (let tries = 0; tries < 300; tries++) {
    const info = await ask();
    if (['JobComplete', 'Failed', 'Aborted'].includes(info.state)) return info;
    await new Promise((go) => { setTimeout(go, 100); });
  }
  throw new Error('the job did not end');
}

const people = ['LastName,Company,Email', ...Array.from({ length: 1200 }, (_, i) => `Bulk ${i},Acme,b${i}@acme.example`), 'Nobody,,'].join('\n');

test('insert, then read back in pages', async () => {
  const client = api();
  const job = await client.createDataUploadJob({ object: 'Lead', operation: 'insert' });
  assert.equal(job.state, 'Open');
  assert.equal(await client.uploadJobData(job.contentUrl, people), 201);
  await client.closeOrAbortJob(job.id, 'UploadComplete');
  const done = await settled(() => client.getIngestJobInfo(job.id));
  assert.deepEqual([done.state, done.numberRecordsProcessed, done.numberRecordsFailed], ['JobComplete', 1201, 1]);
  assert.match(await client.getResults(job.id, RESULTTYPE.failedResults), /REQUIRED_FIELD_MISSING/);
  assert.equal((await client.getResults(job.id, RESULTTYPE.successfulResults)).trim().split('\n').length, 1201);

  const query = await client.submitBulkQueryJob({ operation: 'query', query: "SELECT Id, LastName, Email FROM Lead WHERE LastName LIKE 'Bulk %'" });
  assert.equal(query.state, 'UploadComplete');
  const info = await settled(() => client.getBulkQueryJobInfo(query.id));
  assert.equal(info.numberRecordsProcessed, 1200);
  let rows = 0;
  for (let locator; locator !== 'null';) {
    const page = await client.getBulkQueryResults(query.id, locator, 500);
    rows += Number(page.headers['sforce-numberofrecords']);
    locator = page.headers['sforce-locator'];
  }
  assert.equal(rows, 1200);
  const { done: last, resultChunks } = await client.getBulkQueryResultPages(query.id);
  const pages = await Promise.all(resultChunks.map(({ resultLink }) => client.getResultPage(resultLink)));
  assert.ok(last);
  assert.equal(pages.reduce((sum, page) => sum + Number(page.headers['sforce-numberofrecords']), 0), 1200);
  await client.deleteBulkQueryJob(query.id);
  await assert.rejects(client.getBulkQueryJobInfo(query.id), (error) => error.response.status === 404);
});

test('delimiters and line endings', async () => {
  const client = api('58.0');
  const job = await client.createDataUploadJob({ object: 'Contact', operation: 'insert', columnDelimiter: 'TAB', lineEnding: 'CRLF' });
  await client.uploadJobData(job.contentUrl, 'LastName\tTitle\r\n"Tab"\t"a\tb"\r\n');
  await client.closeOrAbortJob(job.id, 'UploadComplete');
  assert.equal((await settled(() => client.getIngestJobInfo(job.id))).numberRecordsFailed, 0);
  const query = await client.submitBulkQueryJob({ operation: 'query', query: "SELECT Title FROM Contact WHERE LastName = 'Tab'", columnDelimiter: 'PIPE', lineEnding: 'CRLF' });
  await settled(() => client.getBulkQueryJobInfo(query.id));
  assert.equal((await client.getBulkQueryResults(query.id)).data, '"Title"\r\n"a\tb"\r\n');
});

test('many rows, streamed', async () => {
  const client = api();
  const rows = Array.from({ length: 25_000 }, (_, i) => `Stream ${i},Acme,"line 1\nline ""2"""`);
  const job = await client.createDataUploadJob({ object: 'Lead', operation: 'insert' });
  await client.uploadJobData(job.contentUrl, ['LastName,Company,Description', ...rows, ''].join('\n'));
  await client.closeOrAbortJob(job.id, 'UploadComplete');
  assert.equal((await settled(() => client.getIngestJobInfo(job.id))).numberRecordsFailed, 0);
  const query = await client.submitBulkQueryJob({ operation: 'query', query: "SELECT Description FROM Lead WHERE LastName LIKE 'Stream %'" });
  await settled(() => client.getBulkQueryJobInfo(query.id));
  let text = '';
  for await (const part of await client.getBulkQueryResultsStream(query.id)) text += part;
  assert.equal(text, `"Description"\n${'"line 1\nline ""2"""\n'.repeat(rows.length)}`);
});

for (const [columnDelimiter, sign] of Object.entries({ BACKQUOTE: '`', CARET: '^', COMMA: ',', PIPE: '|', SEMICOLON: ';', TAB: '\t' })) {
  test(`columns parted by ${columnDelimiter}`, async () => {
    const client = api();
    const csv = (...rows) => rows.map((row) => row.map((cell) => `"${cell}"`).join(sign) + '\n').join('');
    const row = [`By ${columnDelimiter}`, `a${sign}b ""c""`];
    const job = await client.createDataUploadJob({ object: 'Contact', operation: 'insert', columnDelimiter });
    await client.uploadJobData(job.contentUrl, csv(['LastName', 'Title'], row));
    await client.closeOrAbortJob(job.id, 'UploadComplete');
    assert.equal((await settled(() => client.getIngestJobInfo(job.id))).numberRecordsFailed, 0);
    const query = await client.submitBulkQueryJob({ operation: 'query', query: `SELECT LastName, Title FROM Contact WHERE LastName = 'By ${columnDelimiter}'`, columnDelimiter });
    await settled(() => client.getBulkQueryJobInfo(query.id));
    assert.equal((await client.getBulkQueryResults(query.id)).data, csv(['LastName', 'Title'], row));
  });
}

test('a client with call options', async () => {
  const client = new BulkAPI2({ accessToken, apiVersion: '67.0', instanceUrl, callOptions: { client: 'reader', defaultNamespace: 'acme' } });
  const query = await client.submitBulkQueryJob({ operation: 'queryAll', query: 'SELECT Id FROM Account' });
  assert.equal((await client.abortBulkQueryJob(query.id)).state, 'Aborted');
});

test('jobs are aborted, listed and deleted', async () => {
  const client = api();
  const job = await client.createDataUploadJob({ object: 'Lead', operation: 'delete' });
  assert.equal((await client.closeOrAbortJob(job.id, 'Aborted')).state, 'Aborted');
  assert.ok((await client.getAllIngestJobInfo()).records.some((r) => r.id === job.id));
  assert.ok(Array.isArray((await client.getAllBulkQueryJobInfo({ jobType: 'V2Query' })).records));
  await client.deleteIngestJob(job.id);
  await assert.rejects(client.getIngestJobInfo(job.id), (error) => error.response.status === 404);
});

test('one request with job and data', async () => {
  const client = api();
  const job = await client.createDataUploadJobWithData({ object: 'Account', operation: 'insert', contentType: 'CSV', lineEnding: 'LF' }, 'Name\nIn one request\n');
  assert.equal((await settled(() => client.getIngestJobInfo(job.id))).numberRecordsProcessed, 1);
});

test('what Bulk cannot query is refused', async () => {
  await assert.rejects(api().submitBulkQueryJob({ operation: 'query', query: 'SELECT COUNT(Id) FROM Lead' }), (error) => error.response.status === 400);
  await assert.rejects(api().submitBulkQueryJob({ operation: 'query', query: 'SELECT Nothing FROM Lead' }), (error) => error.response.data[0].errorCode === 'INVALID_FIELD');
});
