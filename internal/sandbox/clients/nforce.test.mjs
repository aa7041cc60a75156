// nforce 1, unmodified, against a fresh sandbox.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import nforce from 'nforce';

const { SANDBOX_URL: url, SANDBOX_USERNAME: username, SANDBOX_PASSWORD: password } = process.env;
const connection = (more) => nforce.createConnection({
  clientId: process.env.SANDBOX_CLIENT_ID, clientSecret: process.env.SANDBOX_CLIENT_SECRET,
  redirectUri: 'http://localhost:3000/oauth/_callback', loginUri: `${url}/services/oauth2/token`,
  authEndpoint: `${url}/services/oauth2/authorize`, apiVersion: 'v67.0', mode: 'single', username, password, ...more,
});
const fails = (code) => (error) => {
  assert.equal(error.errorCode, code, `${error}`);
  return true;
};

for (const more of [{}, { gzip: true }, { apiVersion: 'v50.0' }, { apiVersion: undefined }]) {
  describe(`with ${JSON.stringify(more)}`, () => {
    const org = connection(Object.keys(more).length && more.apiVersion === undefined && !more.gzip ? { apiVersion: 38 } : more);
    before(async () => { await org.authenticate(); });

    test('identity, versions, resources, limits', async () => {
      assert.equal((await org.getIdentity()).username, username);
      assert.ok((await org.getResources()).sobjects);
      assert.ok((await org.getLimits()).DailyApiRequests.Max > 0);
    });
    test('describe', async () => {
      assert.ok((await org.getSObjects()).sobjects.length > 5);
      assert.equal((await org.getMetadata('lead')).objectDescribe.name, 'Lead');
      assert.equal((await org.getDescribe('Lead')).keyPrefix, '00Q');
    });
    test('create, read, update, delete', async () => {
      const lead = nforce.createSObject('Lead', { LastName: 'Doe', Company: 'Acme', Email: 'jo@acme.example' });
      const { id } = await org.insert({ sobject: lead });
      assert.equal(lead.getId(), id);
      lead.set('Title', 'CEO');
      await org.update({ sobject: lead });
      const read = await org.getRecord({ type: 'lead', id, fields: ['Title', 'Email'] });
      assert.deepEqual([read.get('Title'), read.get('Email')], ['CEO', 'jo@acme.example']);
      await org.delete({ sobject: lead });
      await assert.rejects(org.getRecord({ type: 'lead', id }), fails('ENTITY_IS_DELETED'));
    });
    test('a refusal tells its code', async () => {
      await assert.rejects(org.insert({ sobject: nforce.createSObject('Lead', { LastName: 'Doe' }) }), fails('REQUIRED_FIELD_MISSING'));
      await assert.rejects(org.query({ query: 'SELECT Nothing FROM Lead' }), fails('INVALID_FIELD'));
    });
    test('upsert by an id-lookup field', async () => {
      const email = `up-${Math.random().toString(36).slice(2)}@acme.example`;
      const upsert = (fields) => {
        const contact = nforce.createSObject('Contact', fields);
        contact.setExternalId('Email', email);
        return org.upsert({ sobject: contact });
      };
      await upsert({ LastName: 'Upsert' });
      await upsert({ LastName: 'Upsert', Title: 'CTO' });
      const { records } = await org.query({ query: `SELECT Id, Title FROM Contact WHERE Email = '${email}'` });
      assert.deepEqual(records.map((r) => r.get('Title')), ['CTO']);
    });
    test('an attachment goes in parts and comes back', async () => {
      const account = nforce.createSObject('Account', { Name: 'Files' });
      await org.insert({ sobject: account });
      const attachment = nforce.createSObject('Attachment', { Name: 'a.txt', ParentId: account.getId() });
      attachment.setAttachment('a.txt', Buffer.from('hello'));
      const { id } = await org.insert({ sobject: attachment });
      assert.equal(String(await org.getBody({ type: 'attachment', id })), 'hello');
    });
    test('queries, deleted ones too', async () => {
      const contact = nforce.createSObject('Contact', { LastName: 'Query' });
      await org.insert({ sobject: contact });
      const where = `FROM Contact WHERE Id = '${contact.getId()}'`;
      assert.equal((await org.query({ query: `SELECT Id, LastName ${where}` })).records[0].get('lastname'), 'Query');
      await org.delete({ sobject: contact });
      assert.equal((await org.query({ query: `SELECT Id ${where}` })).totalSize, 0);
      assert.equal((await org.queryAll({ query: `SELECT Id ${where}` })).totalSize, 1);
    });
    test('search', async () => {
      await org.insert({ sobject: nforce.createSObject('Account', { Name: 'Searchable Works' }) });
      assert.ok(await org.search({ search: 'FIND {Searchable} IN ALL FIELDS RETURNING Account(Id, Name)' }));
    });
    test('any address of the org', async () => {
      assert.ok((await org.getUrl({ url: '/services/data' })).length >= 18);
    });
  });
}

test('pages are fetched one after the other', async () => {
  const org = connection();
  await org.authenticate();
  for (let i = 0; i < 11; i++) {
    await org.postUrl({ url: '/services/data/v67.0/composite/sobjects', body: {
      records: Array.from({ length: 200 }, (_, k) => ({ attributes: { type: 'Contact' }, LastName: `Page ${i} ${k}` })),
    } });
  }
  const { records } = await org.query({ query: "SELECT Id FROM Contact WHERE LastName LIKE 'Page %'", fetchAll: true });
  assert.equal(records.length, 2200);
});

test('a token that ended is renewed', async () => {
  const org = connection({ autoRefresh: true });
  const oauth = await org.authenticate();
  oauth.access_token = `${oauth.access_token.slice(0, -3)}xyz`;
  assert.equal((await org.query({ query: 'SELECT Id FROM Organization' })).totalSize, 1);
});

test('a connection for several users carries the token in every call', async () => {
  const org = connection({ mode: 'multi' });
  const oauth = await org.authenticate({ username, password });
  assert.equal((await org.query({ query: 'SELECT Id FROM Organization', oauth })).totalSize, 1);
});

test('a wrong password is refused', async () => {
  await assert.rejects(connection({ password: 'wrong' }).authenticate(), /invalid_grant/);
});
