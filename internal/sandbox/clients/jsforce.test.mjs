// jsforce 3, unmodified, against a fresh sandbox.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import jsforce from 'jsforce';

const { SANDBOX_URL: url, SANDBOX_TOKEN: accessToken, SANDBOX_USERNAME: username, SANDBOX_PASSWORD: password } = process.env;
const oauth2 = { loginUrl: url, clientId: process.env.SANDBOX_CLIENT_ID, clientSecret: process.env.SANDBOX_CLIENT_SECRET, redirectUri: 'http://localhost:1717/OauthRedirect' };
const connect = (version = '67.0') => new jsforce.Connection({ instanceUrl: url, accessToken, version });
const lead = (fields) => ({ LastName: 'Doe', Company: 'Acme', ...fields });
const codeOf = (code) => (error) => {
  assert.equal(error.errorCode ?? error.name, code, String(error));
  return true;
};

describe('login', () => {
  test('SOAP login gives a session', async () => {
    const conn = new jsforce.Connection({ loginUrl: url, version: '60.0' });
    const user = await conn.login(username, password);
    assert.match(user.id, /^005/);
    assert.match(user.organizationId, /^00D/);
    assert.equal((await conn.query('SELECT Id FROM User LIMIT 1')).records.length, 1);
    await conn.logout();
    await assert.rejects(conn.query('SELECT Id FROM User LIMIT 1'));
  });
  test('a wrong password is refused', async () => {
    const conn = new jsforce.Connection({ loginUrl: url });
    await assert.rejects(conn.login(username, 'wrong'), /INVALID_LOGIN/);
  });
  test('the password grant gives a session', async () => {
    const conn = new jsforce.Connection({ oauth2 });
    const user = await conn.login(username, password);
    assert.match(user.id, /^005/);
    assert.equal(conn.instanceUrl, url);
  });
  test('client credentials give a session', async () => {
    const conn = new jsforce.Connection({ instanceUrl: url, oauth2 });
    await conn.authorize({ grant_type: 'client_credentials' });
    assert.equal((await conn.identity()).username, username);
  });
  test('the web server flow with PKCE, and its refresh', async () => {
    const flow = new jsforce.OAuth2({ ...oauth2, useVerifier: true });
    const conn = new jsforce.Connection({ oauth2: flow });
    await conn.authorize(await consent(flow.getAuthorizationUrl({ scope: 'api refresh_token', state: 'a state' })));
    assert.ok(conn.refreshToken);
    let refreshed = 0;
    conn.on('refresh', () => { refreshed++; });
    conn.accessToken = conn.accessToken.slice(0, -3) + 'xyz';
    assert.equal((await conn.query('SELECT Id FROM Organization')).totalSize, 1);
    assert.equal(refreshed, 1);
    await conn.logout(true);
  });
  test('a dead token is an expired session', async () => {
    const conn = new jsforce.Connection({ instanceUrl: url, accessToken: accessToken.slice(0, -3) + 'xyz' });
    await assert.rejects(conn.query('SELECT Id FROM User'), codeOf('INVALID_SESSION_ID'));
  });
});

const unescape = (html) => html.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replaceAll('&quot;', '"').replaceAll('&amp;', '&');

// consent walks through the login and consent pages as a browser would and
// returns the code.
async function consent(start) {
  let cookies = '';
  const visit = async (address, form) => {
    const answer = await fetch(address, {
      redirect: 'manual', headers: { cookie: cookies }, ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    cookies = [cookies, ...answer.headers.getSetCookie().map((c) => c.split(';')[0])].filter(Boolean).join('; ');
    return answer;
  };
  let at = start;
  let answer = await visit(at);
  for (let step = 0; step < 8; step++) {
    const next = answer.headers.get('location');
    if (next) {
      at = new URL(next, at).href;
      if (at.startsWith(oauth2.redirectUri)) {
        const found = new URL(at).searchParams;
        assert.equal(found.get('state'), 'a state');
        return found.get('code');
      }
      answer = await visit(at);
      continue;
    }
    const page = await answer.text();
    const action = unescape(/<form[^>]*action="([^"]*)"/.exec(page)?.[1] ?? at);
    const form = {};
    for (const [input] of page.matchAll(/<(?:input|button)[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1];
      if (name && !(name in form)) form[name] = unescape(/value="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    if ('username' in form) Object.assign(form, { username, password });
    at = new URL(action, at).href;
    answer = await visit(at, form);
  }
  throw new Error('no code after eight pages');
}

describe('service documents', () => {
  const conn = connect();
  test('identity', async () => {
    const me = await conn.identity();
    assert.equal(me.username, username);
    assert.match(me.urls.rest, /\{version\}/);
  });
  test('limits are told with every answer', async () => {
    const limits = await conn.limits();
    assert.ok(limits.DailyApiRequests.Remaining < limits.DailyApiRequests.Max);
    assert.ok(conn.limitInfo.apiUsage.used > 0);
  });
  test('describeGlobal lists the objects', async () => {
    const names = (await conn.describeGlobal()).sobjects.map((o) => o.name);
    for (const name of ['Account', 'Contact', 'Lead', 'Task', 'Event', 'User', 'Opportunity']) assert.ok(names.includes(name), name);
  });
  test('describe tells fields and children', async () => {
    const account = await conn.sobject('Account').describe();
    assert.equal(account.keyPrefix, '001');
    assert.ok(account.childRelationships.some((c) => c.relationshipName === 'Contacts' && c.childSObject === 'Contact'));
    assert.equal(account.fields.find((f) => f.name === 'Name').nillable, false);
  });
  test('an unknown object is not found', async () => {
    await assert.rejects(conn.sobject('Nothing').describe(), codeOf('NOT_FOUND'));
  });
  for (const version of ['50.0', '58.0', '67.0']) {
    test(`version ${version}`, async () => {
      assert.equal((await connect(version).query('SELECT Id FROM Organization')).totalSize, 1);
    });
  }
});

describe('records', () => {
  const conn = connect();
  test('create, retrieve, update, delete one', async () => {
    const made = await conn.sobject('Lead').create(lead({ Email: 'one@acme.example' }));
    assert.deepEqual([made.success, made.errors], [true, []]);
    assert.match(made.id, /^00Q\w{15}$/);
    assert.equal((await conn.sobject('Lead').retrieve(made.id)).Email, 'one@acme.example');
    assert.equal((await conn.sobject('Lead').update({ Id: made.id, Title: 'CEO' })).success, true);
    assert.equal((await conn.sobject('Lead').retrieve(made.id, { fields: ['Title'] })).Title, 'CEO');
    assert.equal((await conn.sobject('Lead').destroy(made.id)).success, true);
    await assert.rejects(conn.sobject('Lead').retrieve(made.id), codeOf('ENTITY_IS_DELETED'));
  });
  test('many at once, and what failed among them', async () => {
    const made = await conn.sobject('Lead').create([lead({ LastName: 'A' }), { LastName: 'B' }, lead({ LastName: 'C' })]);
    assert.deepEqual(made.map((r) => r.success), [true, false, true]);
    assert.equal(made[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
    const ids = made.filter((r) => r.success).map((r) => r.id);
    const changed = await conn.sobject('Lead').update(ids.map((Id) => ({ Id, Title: 'CTO' })));
    assert.ok(changed.every((r) => r.success));
    const got = await conn.sobject('Lead').retrieve(ids, { fields: ['Id', 'Title'] });
    assert.deepEqual(got.map((r) => r.Title), ['CTO', 'CTO']);
    assert.ok((await conn.sobject('Lead').destroy(ids)).every((r) => r.success));
  });
  test('all or none', async () => {
    const made = await conn.sobject('Lead').create([lead({ LastName: 'Whole' }), { LastName: 'B' }], { allOrNone: true });
    assert.deepEqual(made.map((r) => r.errors[0].statusCode), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING']);
    assert.equal((await conn.query("SELECT Id FROM Lead WHERE LastName = 'Whole'")).totalSize, 0);
  });
  test('more than 200 go in batches', async () => {
    const people = Array.from({ length: 450 }, (_, i) => lead({ LastName: `Batch ${i}` }));
    const made = await conn.sobject('Lead').create(people, { allowRecursive: true });
    assert.equal(made.filter((r) => r.success).length, 450);
  });
  test('a missing field is named', async () => {
    await assert.rejects(conn.sobject('Lead').create({ LastName: 'Doe' }), (error) => {
      assert.equal(error.errorCode, 'REQUIRED_FIELD_MISSING');
      assert.deepEqual(error.data?.fields ?? ['Company'], ['Company']);
      return true;
    });
  });
  test('an unknown column is refused', async () => {
    await assert.rejects(conn.sobject('Lead').create(lead({ Nothing__c: 1 })), codeOf('INVALID_FIELD'));
  });
  test('updated and deleted', async () => {
    const { id } = await conn.sobject('Lead').create(lead({}));
    const start = new Date(Date.now() - 600_000).toISOString();
    const end = new Date(Date.now() + 120_000).toISOString();
    assert.ok((await conn.sobject('Lead').updated(start, end)).ids.includes(id));
    await conn.sobject('Lead').destroy(id);
    assert.ok((await conn.sobject('Lead').deleted(start, end)).deletedRecords.some((r) => r.id === id));
  });
  test('recently viewed records', async () => {
    assert.ok(Array.isArray(await conn.sobject('Lead').recent()));
  });
});

describe('custom fields', () => {
  const conn = connect();
  before(async () => {
    await conn.tooling.sobject('CustomField').create({
      FullName: 'Lead.Ext__c', Metadata: { type: 'Text', label: 'Ext', length: 40, externalId: true, unique: true },
    });
  });
  test('upsert creates, then updates', async () => {
    const first = await conn.sobject('Lead').upsert(lead({ Ext__c: 'A-1' }), 'Ext__c');
    assert.deepEqual([first.success, first.created], [true, true]);
    const second = await conn.sobject('Lead').upsert(lead({ Ext__c: 'A-1', Title: 'CFO' }), 'Ext__c');
    assert.deepEqual([second.id, second.created], [first.id, false]);
  });
  test('upsert of many', async () => {
    const done = await conn.sobject('Lead').upsert([lead({ Ext__c: 'A-1', Title: 'COO' }), lead({ Ext__c: 'A-2' })], 'Ext__c');
    assert.deepEqual(done.map((r) => [r.success, r.created]), [[true, false], [true, true]]);
  });
  test('an external id that two records have leaves a choice', async () => {
    await conn.tooling.sobject('CustomField').create({ FullName: 'Lead.Shared__c', Metadata: { type: 'Text', label: 'Shared', length: 40, externalId: true } });
    const made = await conn.sobject('Lead').create([lead({ Shared__c: 'two' }), lead({ Shared__c: 'two' })]);
    await assert.rejects(conn.sobject('Lead').upsert({ Shared__c: 'two', Title: 'CEO' }, 'Shared__c'), (error) => {
      assert.equal(error.errorCode, 'MULTIPLE_CHOICES');
      assert.deepEqual(error.data.map((address) => address.split('/').pop()), made.map((r) => r.id));
      return true;
    });
    const [refused] = await conn.sobject('Lead').upsert([{ Shared__c: 'two', Title: 'CEO' }], 'Shared__c');
    assert.equal(refused.errors[0].statusCode, 'DUPLICATE_EXTERNAL_ID');
  });
  test('upsert by the record id', async () => {
    const { id } = await conn.sobject('Lead').create(lead({}));
    assert.deepEqual((await conn.sobject('Lead').upsert([{ Id: id, Title: 'COO' }], 'Id')).map((r) => [r.id, r.created]), [[id, false]]);
  });
  test('an external id is unique', async () => {
    await assert.rejects(conn.sobject('Lead').create(lead({ Ext__c: 'A-1' })), codeOf('DUPLICATE_VALUE'));
  });
});

describe('query', () => {
  const conn = connect();
  let account;
  before(async () => {
    account = (await conn.sobject('Account').create({ Name: 'Query & Sons', Website: 'query.example' })).id;
    const people = Array.from({ length: 5 }, (_, i) => ({ LastName: `Person ${i}`, AccountId: account, Email: `p${i}@query.example` }));
    await conn.sobject('Contact').create(people);
    await conn.sobject('Task').create({ Subject: 'Call', WhatId: account });
  });
  test('pages follow each other', async () => {
    const seen = [];
    await conn.query('SELECT Id FROM Lead', { autoFetch: true, maxFetch: 10_000, headers: { 'Sforce-Query-Options': 'batchSize=200' } })
      .on('record', (r) => seen.push(r.Id));
    assert.equal(new Set(seen).size, (await conn.query('SELECT COUNT() FROM Lead')).totalSize);
  });
  test('queryMore by hand', async () => {
    const first = await conn.query('SELECT Id FROM Lead', { headers: { 'Sforce-Query-Options': 'batchSize=200' } });
    assert.equal(first.done, false);
    assert.ok((await conn.queryMore(first.nextRecordsUrl)).records.length > 0);
  });
  test('children and parents', async () => {
    const { records: [found] } = await conn.query(
      `SELECT Name, Owner.Name, (SELECT LastName, Account.Name FROM Contacts ORDER BY LastName), (SELECT Subject FROM Tasks), (SELECT Id FROM Opportunities) FROM Account WHERE Id = '${account}'`);
    assert.equal(found.Contacts.totalSize, 5);
    assert.equal(found.Contacts.records[0].Account.Name, 'Query & Sons');
    assert.equal(found.Tasks.records[0].Subject, 'Call');
    assert.equal(found.Opportunities, null);
    assert.equal(found.Owner.attributes.type, 'User');
  });
  test('the query builder', async () => {
    const found = await conn.sobject('Contact')
      .find({ Email: { $like: 'p%@query.example' }, LastName: { $ne: 'Person 4' }, 'Account.Name': 'Query & Sons' }, ['Id', 'LastName', 'Account.Name'])
      .sort({ LastName: -1 }).skip(1).limit(2).execute();
    assert.deepEqual(found.map((r) => r.LastName), ['Person 2', 'Person 1']);
    assert.equal(await conn.sobject('Contact').count({ AccountId: account }), 5);
    assert.equal((await conn.sobject('Account').find({ Id: account }).include('Contacts').end().execute())[0].Contacts.totalSize, 5);
  });
  test('groups', async () => {
    const { records } = await conn.query(`SELECT AccountId, COUNT(Id) people, MAX(LastName) FROM Contact WHERE AccountId = '${account}' GROUP BY AccountId HAVING COUNT(Id) > 1`);
    assert.deepEqual([records[0].people, records[0].expr0], [5, 'Person 4']);
  });
  test('deleted ones too', async () => {
    const { id } = await conn.sobject('Contact').create({ LastName: 'Gone' });
    await conn.sobject('Contact').destroy(id);
    assert.equal((await conn.query(`SELECT Id FROM Contact WHERE Id = '${id}'`)).totalSize, 0);
    assert.equal((await conn.query(`SELECT Id, IsDeleted FROM Contact WHERE Id = '${id}'`, { scanAll: true })).records[0].IsDeleted, true);
  });
  test('update and delete of what a query finds', async () => {
    const changed = await conn.query(`SELECT Id, Title FROM Contact WHERE AccountId = '${account}'`).update({ Title: 'Buyer' }, 'Contact');
    assert.equal(changed.filter((r) => r.success).length, 5);
    assert.equal(await conn.sobject('Contact').count({ Title: 'Buyer' }), 5);
  });
  test('search', async () => {
    const { searchRecords } = await conn.search('FIND {Query} IN NAME FIELDS RETURNING Account(Id, Name)');
    assert.equal(searchRecords[0].Name, 'Query & Sons');
  });
  test('errors name what is wrong', async () => {
    await assert.rejects(conn.query('SELECT Nothing FROM Lead'), codeOf('INVALID_FIELD'));
    await assert.rejects(conn.query('SELECT Id FROM Nothing'), codeOf('INVALID_TYPE'));
    await assert.rejects(conn.query('SELECT FROM Lead'), codeOf('MALFORMED_QUERY'));
    await assert.rejects(conn.queryMore('/services/data/v67.0/query/01g000000000000AAA-200'), codeOf('INVALID_QUERY_LOCATOR'));
  });
});

describe('the query builder in all its forms', () => {
  const conn = connect();
  const people = (conditions, fields = ['LastName']) => conn.sobject('Contact').find(conditions, fields);
  let account;
  before(async () => {
    account = (await conn.sobject('Account').create({ Name: "O'Neil 100%" })).id;
    const titles = ['CEO', 'CTO', null, 'CFO'];
    await conn.sobject('Contact').create(titles.map((Title, i) => ({ LastName: `Form ${i}`, AccountId: account, Title })));
  });
  const forms = {
    '$in': [{ Title: { $in: ['CEO', 'CTO'] } }, 2],
    'a list': [{ Title: ['CEO', 'CFO'] }, 2],
    '$nin': [{ LastName: { $nin: ['Form 0', 'Form 1'] } }, 2],
    '$like': [{ Title: { $like: 'C%O' } }, 3],
    '$nlike': [{ LastName: { $nlike: '%3' } }, 3],
    '$or': [{ $or: [{ Title: 'CEO' }, { LastName: 'Form 2' }] }, 2],
    '$and': [{ $and: [{ LastName: { $gt: 'Form 0' } }, { LastName: { $lte: 'Form 2' } }] }, 2],
    '$not': [{ $not: { Title: 'CEO' } }, 3],
    'null': [{ Title: null }, 1],
    '$exists': [{ Title: { $exists: true } }, 3],
    'a date literal': [{ CreatedDate: jsforce.Date.TODAY }, 4],
    'days ago': [{ CreatedDate: { $gte: jsforce.Date.LAST_N_DAYS(2) } }, 4],
    'a time': [{ CreatedDate: { $gt: jsforce.Date.toDateTimeLiteral('2020-01-01T00:00:00Z') } }, 4],
    'a quote': [{ 'Account.Name': "O'Neil 100%" }, 4],
  };
  for (const [name, [conditions, found]] of Object.entries(forms)) {
    test(name, async () => assert.equal((await people({ AccountId: account, ...conditions })).length, found));
  }
  for (const order of ['-LastName', 'LastName desc', [['LastName', 'DESC']], { LastName: -1 }]) {
    test(`sorted by ${JSON.stringify(order)}`, async () => {
      assert.equal((await people({ AccountId: account }).sort(order).limit(1))[0].LastName, 'Form 3');
    });
  }
  test('all fields, of parents of several kinds too', async () => {
    assert.ok('MailingAddress' in (await people({ AccountId: account }, '*').limit(1))[0]);
    assert.equal((await people({ AccountId: account }, 'Id, Account.*').limit(1))[0].Account.Name, "O'Neil 100%");
    await conn.sobject('Task').create({ Subject: 'Star', WhatId: account });
    const [task] = await conn.sobject('Task').find({ WhatId: account }, 'Id, What.*');
    assert.deepEqual([task.What.Name, task.What.Type], ["O'Neil 100%", 'Account']);
  });
  test('children with conditions of their own', async () => {
    const [found] = await conn.sobject('Account').find({ Id: account }, 'Id')
      .include('Contacts').where({ Title: { $ne: null } }).orderby('LastName', 'DESC').limit(2).end();
    assert.deepEqual(found.Contacts.records.map((r) => r.Id !== undefined), [true, true]);
  });
  test('changes by template and by function', async () => {
    const changed = await people({ AccountId: account }, ['Id', 'LastName']).update({ Description: 'is ${LastName}' });
    assert.ok(changed.every((r) => r.success));
    await people({ AccountId: account }, ['Id', 'Description']).update((r) => ({ Id: r.Id, Department: r.Description }));
    assert.equal(await conn.sobject('Contact').count({ AccountId: account, Department: 'is Form 1' }), 1);
    const gone = await people({ AccountId: account }, ['Id']).destroy();
    assert.equal(gone.filter((r) => r.success).length, 4);
  });
});

describe('children by the thousand', () => {
  const conn = connect();
  test('come in pages of their own', async () => {
    const { id } = await conn.sobject('Account').create({ Name: 'Crowd' });
    const crowd = Array.from({ length: 2100 }, (_, i) => ({ LastName: `Crowd ${i}`, AccountId: id }));
    await conn.sobject('Contact').create(crowd, { allowRecursive: true });
    const soql = `SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id = '${id}'`;
    const { records: [paged] } = await conn.query(soql);
    assert.deepEqual([paged.Contacts.totalSize, paged.Contacts.done, paged.Contacts.records.length < 2100], [2100, false, true]);
    const { records: [whole] } = await conn.query(soql, { autoFetch: true });
    assert.equal(new Set(whole.Contacts.records.map((r) => r.Id)).size, 2100);
  });
});

describe('files', () => {
  const conn = connect();
  test('an attachment is sent in parts', async () => {
    const { id: ParentId } = await conn.sobject('Account').create({ Name: 'Files' });
    const { id } = await conn.sobject('Attachment').create(
      { ParentId, Name: 'a.txt', Body: Buffer.from('hello').toString('base64') },
      { multipartFileFields: { Body: { contentType: 'text/plain', filename: 'a.txt' } } });
    assert.equal(await conn.request(`/sobjects/Attachment/${id}/Body`), 'hello');
  });
});

describe('conditions of a request', () => {
  const conn = connect();
  const status = async (path, headers) => (await fetch(`${url}/services/data/v67.0/${path}`, { headers: { authorization: `Bearer ${accessToken}`, ...headers } })).status;
  test('a description that did not change is not sent again', async () => {
    assert.equal(await status('sobjects/Asset/describe', { 'If-Modified-Since': new Date(Date.now() + 60_000).toUTCString() }), 304);
    assert.equal(await status('sobjects/Asset/describe', { 'If-Modified-Since': 'Mon, 30 Nov 2020 08:34:54 GMT' }), 200);
    assert.equal(await status('sobjects/Asset/describe', { 'If-Unmodified-Since': 'Mon, 30 Nov 2020 08:34:54 GMT' }), 412);
  });
  test('double and trailing slashes lead nowhere else', async () => {
    const slashed = new jsforce.Connection({ instanceUrl: `${url}/`, accessToken, version: '67.0' });
    const { id } = await slashed.sobject('Lead').create(lead({}));
    assert.equal((await slashed.sobject('Lead').update({ Id: id, Title: 'CEO' })).success, true);
    assert.equal((await slashed.request('/sobjects/lead/')).objectDescribe.name, 'Lead');
  });
});

describe('the Tooling API', () => {
  const { tooling } = connect();
  const conn = connect();
  const field = (name) => conn.sobject('Contact').describe().then((d) => d.fields.find((f) => f.name === name));
  test('a custom field is made, read, changed and removed', async () => {
    const { id, success } = await tooling.sobject('CustomField').create({ FullName: 'Contact.Size__c', Metadata: { type: 'Text', label: 'Size', length: 30 } });
    assert.deepEqual([success, id.slice(0, 3)], [true, '00N']);
    const read = await tooling.sobject('CustomField').retrieve(id);
    assert.deepEqual([read.DeveloperName, read.Metadata.length], ['Size', 30]);
    await tooling.sobject('CustomField').update({ Id: id, Metadata: { ...read.Metadata, length: 60 } });
    assert.equal((await field('Size__c')).length, 60);
    assert.equal((await tooling.query(`SELECT DeveloperName FROM CustomField WHERE Id = '${id}'`)).records[0].DeveloperName, 'Size');
    assert.equal((await tooling.sobject('CustomField').find({ DeveloperName: 'Size' })).length, 1);
    await tooling.sobject('CustomField').destroy(id);
    assert.equal(await field('Size__c'), undefined);
    await assert.rejects(conn.query('SELECT Size__c FROM Contact'), codeOf('INVALID_FIELD'));
  });
  test('a multi-select picklist is asked for what it includes', async () => {
    const value = ['A', 'B', 'C'].map((valueName) => ({ valueName, label: valueName, default: false }));
    await tooling.sobject('CustomField').create({
      FullName: 'Contact.Tags__c', Metadata: { type: 'MultiselectPicklist', label: 'Tags', visibleLines: 4, valueSet: { restricted: true, valueSetDefinition: { value } } },
    });
    await conn.sobject('Contact').create([{ LastName: 'Tag 1', Tags__c: 'A;B' }, { LastName: 'Tag 2', Tags__c: 'C' }]);
    assert.equal((await conn.sobject('Contact').find({ Tags__c: { $includes: ['A;B', 'C'] } })).length, 2);
    assert.equal((await conn.sobject('Contact').find({ Tags__c: { $excludes: ['A'] }, LastName: { $like: 'Tag %' } })).length, 1);
    await assert.rejects(conn.sobject('Contact').create({ LastName: 'Tag 3', Tags__c: 'Z' }), codeOf('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'));
  });
  test('a validation rule holds while it is there', async () => {
    const { id } = await tooling.sobject('ValidationRule').create({
      FullName: 'Contact.No_Nobody', Metadata: { active: true, errorConditionFormula: 'LastName = "Nobody"', errorMessage: 'Somebody, please.', errorDisplayField: 'LastName' },
    });
    await assert.rejects(conn.sobject('Contact').create({ LastName: 'Nobody' }), (error) => {
      assert.deepEqual([error.errorCode, error.message, error.data.fields], ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Somebody, please.', ['LastName']]);
      return true;
    });
    await tooling.sobject('ValidationRule').destroy(id);
    assert.equal((await conn.sobject('Contact').create({ LastName: 'Nobody' })).success, true);
  });
  test('objects and fields are listed', async () => {
    assert.ok((await tooling.describeGlobal()).sobjects.some((o) => o.name === 'CustomField'));
    assert.ok((await tooling.describe('CustomField')).fields.some((f) => f.name === 'Metadata'));
    const { records } = await tooling.query("SELECT QualifiedApiName, DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead'");
    assert.ok(records.some((r) => r.QualifiedApiName === 'Company'));
  });
});

describe('composite', () => {
  const conn = connect();
  const send = (path, body) => conn.request({ method: 'POST', url: `/services/data/v67.0/${path}`, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  test('later requests refer to earlier ones', async () => {
    const { compositeResponse: [made, child, read] } = await send('composite', {
      allOrNone: true,
      compositeRequest: [
        { method: 'POST', url: '/services/data/v67.0/sobjects/Account', referenceId: 'acc', body: { Name: 'Composite' } },
        { method: 'POST', url: '/services/data/v67.0/sobjects/Contact', referenceId: 'con', body: { LastName: 'Doe', AccountId: '@{acc.id}' } },
        { method: 'GET', url: '/services/data/v67.0/sobjects/Contact/@{con.id}?fields=LastName,AccountId', referenceId: 'read' },
      ],
    });
    assert.deepEqual([made.httpStatusCode, child.httpStatusCode, read.httpStatusCode], [201, 201, 200]);
    assert.equal(read.body.AccountId, made.body.id);
  });
  test('all or none takes everything back', async () => {
    const { compositeResponse } = await send('composite', {
      allOrNone: true,
      compositeRequest: [
        { method: 'POST', url: '/services/data/v67.0/sobjects/Account', referenceId: 'a', body: { Name: 'Rolled back' } },
        { method: 'POST', url: '/services/data/v67.0/sobjects/Contact', referenceId: 'b', body: {} },
      ],
    });
    assert.deepEqual(compositeResponse.map((r) => r.body[0].errorCode), ['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING']);
    assert.equal(await conn.sobject('Account').count({ Name: 'Rolled back' }), 0);
  });
  test('graphs, batches and trees', async () => {
    const { graphs: [graph] } = await send('composite/graph', { graphs: [{ graphId: 'g', compositeRequest: [
      { method: 'POST', url: '/services/data/v67.0/sobjects/Account', referenceId: 'acc', body: { Name: 'Graph' } },
    ] }] });
    assert.equal(graph.isSuccessful, true);
    const batch = await send('composite/batch', { batchRequests: [{ method: 'GET', url: 'v67.0/limits' }, { method: 'GET', url: 'v67.0/sobjects/Nothing/describe' }] });
    assert.deepEqual([batch.hasErrors, batch.results.map((r) => r.statusCode)], [true, [200, 404]]);
    const tree = await send('composite/tree/Account', { records: [
      { attributes: { type: 'Account', referenceId: 'r1' }, Name: 'Tree', Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'r2' }, LastName: 'Leaf' }] } },
    ] });
    assert.deepEqual([tree.hasErrors, tree.results.map((r) => r.referenceId)], [false, ['r1', 'r2']]);
  });
});

describe('bulk', () => {
  const conn = connect();
  conn.bulk2.pollInterval = 100;
  test('ingest: insert, with what failed', async () => {
    const rows = [...Array.from({ length: 50 }, (_, i) => lead({ LastName: `Bulk ${i}`, Title: 'a "quoted", title\nof two lines' })), { LastName: 'No company' }];
    const done = await conn.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'insert', input: rows, pollTimeout: 30_000, pollInterval: 100 });
    assert.equal(done.successfulResults.length, 50);
    assert.match(done.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:/);
    assert.deepEqual(done.unprocessedRecords, []);
  });
  test('query: pages joined, values as they are', async () => {
    const records = await (await conn.bulk2.query("SELECT Id, LastName, Title, Owner.Name FROM Lead WHERE LastName LIKE 'Bulk %'", { pollTimeout: 30_000, pollInterval: 100 })).toArray();
    assert.equal(records.length, 50);
    assert.equal(records[0].Title, 'a "quoted", title\nof two lines');
    assert.ok(records[0]['Owner.Name']);
  });
  test('update, upsert and delete', async () => {
    const { records } = await conn.query("SELECT Id FROM Lead WHERE LastName LIKE 'Bulk %'");
    const options = { pollTimeout: 30_000, pollInterval: 100 };
    const changed = await conn.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'update', input: records.map((r) => ({ Id: r.Id, Title: null })), ...options });
    assert.equal(changed.successfulResults.length, 50);
    assert.equal((await conn.query("SELECT Id FROM Lead WHERE LastName LIKE 'Bulk %' AND Title = null")).totalSize, 50);
    const upserted = await conn.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'upsert', externalIdFieldName: 'Id', input: records.slice(0, 3).map((r) => ({ Id: r.Id, Title: 'Up' })), ...options });
    assert.deepEqual(upserted.successfulResults.map((r) => String(r.sf__Created)), ['false', 'false', 'false']);
    const gone = await conn.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'delete', input: records.map((r) => ({ Id: r.Id })), ...options });
    assert.equal(gone.successfulResults.length, 50);
  });
  for (const [columnDelimiter, delimiter] of Object.entries({ TAB: '\t', PIPE: '|', SEMICOLON: ';', CARET: '^', BACKQUOTE: '`' })) {
    test(`columns parted by ${columnDelimiter}`, async () => {
      const job = conn.bulk2.createJob({ object: 'Lead', operation: 'insert', columnDelimiter });
      await job.open();
      await job.uploadData(`LastName${delimiter}Company\n${columnDelimiter}${delimiter}"Ä, B"\n`);
      await job.close();
      await job.poll(100, 30_000);
      assert.equal((await job.check()).numberRecordsProcessed, 1);
      assert.ok((await job.getSuccessfulResults(true)).startsWith(`"sf__Id"${delimiter}`));
      assert.equal(await conn.sobject('Lead').count({ LastName: columnDelimiter, Company: 'Ä, B' }), 1);
    });
  }
  test('what a query finds is changed by a job', async () => {
    const people = Array.from({ length: 250 }, (_, i) => ({ LastName: `Many ${i}` }));
    await conn.sobject('Contact').create(people, { allowRecursive: true });
    const found = () => conn.sobject('Contact').find({ LastName: { $like: 'Many %' } }, ['Id']);
    assert.equal((await found().update({ Title: 'One of many' }, { bulkApiVersion: 2 })).filter((r) => r.success).length, 250);
    assert.equal((await found().destroy({ bulkApiVersion: 2 })).filter((r) => r.success).length, 250);
  });
  test('a query that Bulk cannot run is refused', async () => {
    await assert.rejects(conn.bulk2.query('SELECT COUNT(Id), Status FROM Lead GROUP BY Status', { pollTimeout: 5_000, pollInterval: 100 }));
  });
  test('jobs are listed, aborted, deleted', async () => {
    const job = conn.bulk2.createJob({ object: 'Lead', operation: 'insert' });
    const opened = await job.open();
    assert.equal(opened.state, 'Open');
    await job.abort();
    assert.equal((await job.check()).state, 'Aborted');
    await job.delete();
  });
});

describe('SOAP makes history', () => {
  const conn = connect();
  test('a lead is converted', async () => {
    const { id } = await conn.sobject('Lead').create(lead({ LastName: 'Convert', Company: 'Converted Inc' }));
    const done = await conn.soap.convertLead({ leadId: id, convertedStatus: 'Closed - Converted', doNotCreateOpportunity: true });
    assert.equal(done.success, true);
    const row = await conn.sobject('Lead').retrieve(id);
    assert.deepEqual([row.IsConverted, row.ConvertedContactId], [true, done.contactId]);
  });
  test('several leads, one of them converted before', async () => {
    const leads = await conn.sobject('Lead').create([lead({ LastName: 'First' }), lead({ LastName: 'Second' })]);
    const convert = (...chosen) => conn.soap.convertLead(chosen.map((r) => ({ leadId: r.id, convertedStatus: 'Closed - Converted', opportunityName: 'Deal' })));
    const [first] = await convert(leads[0]);
    assert.equal((await conn.sobject('Opportunity').retrieve(first.opportunityId)).Name, 'Deal');
    const again = await convert(...leads);
    assert.deepEqual(again.map((r) => r.success), [false, true]);
    assert.equal(again[0].errors[0].statusCode, 'CANNOT_UPDATE_CONVERTED_LEAD');
    await assert.rejects(conn.sobject('Lead').update({ Id: leads[0].id, Title: 'CEO' }), codeOf('CANNOT_UPDATE_CONVERTED_LEAD'));
  });
  test('create, update, upsert and delete', async () => {
    const made = await conn.soap.create([{ type: 'Lead', ...lead({ LastName: 'A & <B>', NumberOfEmployees: 5 }) }, { type: 'Lead', LastName: 'No company' }]);
    assert.deepEqual(made.map((r) => r.success), [true, false]);
    assert.equal(made[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
    const Id = made[0].id;
    assert.equal((await conn.soap.update({ type: 'Lead', Id, NumberOfEmployees: null, Title: 'CEO' })).success, true);
    const row = await conn.sobject('Lead').retrieve(Id);
    assert.deepEqual([row.LastName, row.NumberOfEmployees, row.Title], ['A & <B>', null, 'CEO']);
    assert.equal((await conn.soap.upsert('Id', { type: 'Lead', Id, Title: 'CFO' })).created, false);
    assert.deepEqual((await conn.soap.delete([Id])).map((r) => r.success), [true]);
  });
  test('contacts are merged', async () => {
    const [winner, loser] = await conn.sobject('Contact').create([{ LastName: 'Winner' }, { LastName: 'Loser' }]);
    const done = await conn.soap.merge({ masterRecord: { type: 'Contact', Id: winner.id, Title: 'Kept' }, recordToMergeIds: [loser.id] });
    assert.equal(done.success, true);
    const { records: [row] } = await conn.query(`SELECT MasterRecordId FROM Contact WHERE Id = '${loser.id}'`, { scanAll: true });
    assert.equal(row.MasterRecordId, winner.id);
    assert.equal((await conn.sobject('Contact').retrieve(winner.id)).Title, 'Kept');
  });
  test('a deleted record comes back', async () => {
    const { id } = await conn.sobject('Contact').create({ LastName: 'Back' });
    await conn.sobject('Contact').destroy(id);
    assert.equal([await conn.soap.undelete([id])].flat()[0].success, true);
    assert.equal((await conn.sobject('Contact').retrieve(id)).IsDeleted, false);
  });
  test('the recycle bin is emptied', async () => {
    const { id } = await conn.sobject('Contact').create({ LastName: 'Bin' });
    await conn.sobject('Contact').destroy(id);
    const done = await conn.soap.emptyRecycleBin([id]);
    assert.equal([done].flat()[0].success, true);
    assert.equal((await conn.query(`SELECT Id FROM Contact WHERE Id = '${id}'`, { scanAll: true })).totalSize, 0);
  });
  test('who am I, what time is it', async () => {
    assert.equal((await conn.soap.getUserInfo()).userName, username);
    assert.ok((await conn.soap.getServerTimestamp()).timestamp);
  });
});
