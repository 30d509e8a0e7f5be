'use strict';
// The certificate API against a registry in memory.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const Module = require('node:module');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, beforeEach, test } = require('node:test');
const { IoT, Registry, empty, failing, issued, meanwhile } = require('./fake-registry.js');

const load = Module._load;
Module._load = (name, ...more) => (name === '@aws-sdk/client-iot' ? { IoT } : load(name, ...more));
Object.assign(process.env, {
  POLICY_NAME: 'device',
  THING_NAME_PREFIX: 'Fleet_',
  SERIAL_NUMBER_PATTERN: '^[A-Za-z0-9_-]{1,64}$',
});
const { handler } = require('./certificate-api.js');

// ---- Keys and requests ----

const folder = mkdtempSync(join(tmpdir(), 'fieldkey-'));
after(() => rmSync(folder, { recursive: true }));

let keys = 0;

function device(...algorithm) {
  const key = join(folder, `${keys++}.key`);
  openssl('genpkey', '-out', key, ...algorithm);
  return key;
}

function openssl(...words) {
  return execFileSync('openssl', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function csrOf(key, ...more) {
  const csr = openssl('req', '-new', '-key', key, '-subj', '/CN=device', ...more);
  issued[csr] = () => certificateOf(key);
  return csr;
}

function certificateOf(key, ...more) {
  return openssl('req', '-x509', '-new', '-key', key, '-subj', '/CN=device', '-days', '2', ...more);
}

const EC = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const key = device(...EC);
const csr = csrOf(key);
const certificate = certificateOf(key);

const log = [];
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...more) => (/^\{"time"/.test(text) ? log.push(JSON.parse(text)) > 0 : write(text, ...more));

let timeLeft;

async function call(method, thing, { certificateId, body, groups = '[installers]', claims } = {}) {
  const path = certificateId ? '/things/{thingName}/certificates/{certificateId}' : '/things/{thingName}/certificates';
  const answer = await handler({
    routeKey: `${method} ${path}`,
    pathParameters: { thingName: thing, certificateId },
    body: typeof body === 'object' ? JSON.stringify(body) : body,
    requestContext: {
      requestId: '1',
      authorizer: { jwt: { claims: { token_use: 'id', sub: 's', email: 'e', 'cognito:groups': groups, ...claims } } },
    },
  }, { getRemainingTimeInMillis: () => timeLeft });
  const sent = answer.body ? JSON.parse(answer.body) : {};
  assert.doesNotMatch(answer.body ?? '', /a message with a secret|\\n +at /);
  assert.doesNotMatch(JSON.stringify(log), /a message with a secret|BEGIN/);
  return { ...sent, status: answer.statusCode, headers: answer.headers, sent };
}

const issue = (thing = 'Fleet_1', more = {}) => call('POST', thing, { body: { csr }, ...more });
const register = (more = {}) => call('POST', 'Fleet_1', { body: { certificatePem: certificate, ...more } });
const remove = (certificateId, more = {}) => call('DELETE', 'Fleet_1', { certificateId, groups: '[helpdesk]', ...more });
const setStatus = (certificateId, status) =>
  call('PATCH', 'Fleet_1', { certificateId, body: { status }, groups: '[helpdesk]' });

let registry;

beforeEach(() => {
  registry = empty();
  log.length = 0;
  timeLeft = 29_000;
});

// ---- Making ----

test('a certificate is made from a CSR, and is active only at the end', async () => {
  const made = await issue();
  assert.equal(made.status, 201);
  assert.equal(made.sent.status, 'ACTIVE');
  assert.equal(made.certificatePem, registry.certificate(made.certificateId).certificatePem);
  assert.deepEqual(registry.calls, [
    'listThingPrincipals', 'createCertificateFromCsr', 'attachPolicy', 'describeThing', 'createThing',
    'attachThingPrincipal', 'updateCertificate',
  ]);
  const { time, ...line } = log[0];
  assert.ok(Math.abs(new Date(time) - Date.now()) < 60_000);
  assert.deepEqual(line, {
    requestId: '1', sub: 's', email: 'e', change: 'issue', thingName: 'Fleet_1', certificateId: made.certificateId,
    outcome: 'done', status: 201,
  });
});

for (const when of ['before', 'after']) {
  for (const operation of ['attachPolicy', 'createThing', 'attachThingPrincipal', 'updateCertificate']) {
    test(`nothing is left when ${operation} fails ${when} it was done`, async () => {
      for (const make of [issue, () => register({ status: 'ACTIVE' })]) {
        registry = empty();
        failing(operation, when);
        const refused = await make();
        assert.equal(refused.code, 'service-error');
        assert.match(refused.detail, new RegExp(`^${operation} failed with InternalFailureException; all was undone$`));
        assert.deepEqual(registry.state(), new Registry().state());
        assert.equal(log.at(-1).outcome, 'undone');
      }
    });
  }
}

test('a registration whose answer was lost is undone', async () => {
  failing('registerCertificateWithoutCA', 'after', 'TimeoutError');
  assert.equal((await register()).code, 'service-error');
  assert.equal(registry.certificates.size, 0);
});

for (const name of ['ThrottlingException', 'CertificateValidationException']) {
  test(`a registration that was refused by ${name} deletes nothing of another request`, async () => {
    meanwhile('registerCertificateWithoutCA', () => registry.add(certificate, { status: 'INACTIVE', policies: [] }));
    failing('registerCertificateWithoutCA', 'before', name);
    await register();
    assert.equal(registry.certificates.size, 1);
    assert.notEqual(log[0].outcome, 'undone');
  });
}

test('a registration without an answer deletes nothing that another request goes on with', async () => {
  meanwhile('registerCertificateWithoutCA', () => registry.add(certificate, { status: 'INACTIVE', things: ['Fleet_2'] }));
  failing('registerCertificateWithoutCA', 'before', 'TimeoutError');
  await register();
  assert.equal(registry.certificates.size, 1);
});

const A_WHILE_AGO = new Date(Date.now() - 31_000);
const BARE = { status: 'INACTIVE', policies: [], creationDate: A_WHILE_AGO };

test('a registration that was cut after its first call is carried on', async () => {
  const id = registry.add(certificate, BARE);
  assert.equal((await register({ status: 'ACTIVE' })).status, 201);
  assert.deepEqual([registry.certificate(id).status, registry.certificate(id).policies], ['ACTIVE', ['device']]);
  assert.equal(registry.thing('Fleet_1').length, 1);
  assert.ok(!registry.calls.includes('registerCertificateWithoutCA'));
});

test('what another request may be registering just now, or somebody has used, is not carried on', async () => {
  const used = [{ creationDate: new Date() }, { status: 'ACTIVE' }, { status: 'REVOKED' }, { policies: ['device'] },
    { things: ['Fleet_2'] }];
  for (const one of used) {
    registry = empty();
    registry.add(certificate, { ...BARE, ...one });
    const before = registry.state();
    assert.equal((await register()).code, 'certificate-duplicate', JSON.stringify(one));
    assert.deepEqual(registry.state(), before);
  }
});

for (const operation of ['attachPolicy', 'createThing', 'attachThingPrincipal', 'updateCertificate']) {
  test(`what was carried on is there as before when ${operation} fails`, async () => {
    registry.add(certificate, BARE);
    const before = registry.state();
    failing(operation, 'after');
    assert.match((await register({ status: 'ACTIVE' })).detail, /all was undone/);
    assert.deepEqual(registry.state(), before);
  });
}

test('what was carried on and could not be undone is in the log', async () => {
  registry.add(certificate, BARE);
  failing('attachThingPrincipal', 'after');
  failing('detachThingPrincipal', 'before');
  await register();
  assert.equal(log[0].outcome, 'left');
  assert.ok(log[0].left.includes('detachThingPrincipal: InternalFailureException'));
});

test('a thing with certificates, none of them of this site, gets no more of them', async () => {
  registry.add(certificateOf(device(...EC)), { policies: ['foreign'], things: ['Fleet_1'] });
  const before = registry.state();
  for (const refused of [await issue(), await register()]) {
    assert.deepEqual([refused.status, refused.code], [403, 'not-allowed']);
  }
  assert.deepEqual(registry.state(), before);
  registry.add(certificateOf(device(...EC)), { policies: ['foreign', 'device'], things: ['Fleet_1'] });
  assert.equal((await issue()).status, 201);
});

test('a thing without certificates is taken', async () => {
  registry.things.set('Fleet_1', []);
  assert.equal((await issue()).status, 201);
});

test('a thing that was there stays, with what it has', async () => {
  registry.add(certificateOf(device(...EC)), { things: ['Fleet_1'] });
  const before = registry.state();
  failing('updateCertificate', 'before');
  await issue();
  assert.deepEqual(registry.state(), before);
});

test('a thing that another call made just now is not deleted', async () => {
  failing('createThing', 'after', 'ResourceAlreadyExistsException');
  failing('attachThingPrincipal', 'before');
  await issue();
  assert.deepEqual([...registry.things.keys()], ['Fleet_1']);
  assert.equal(registry.certificates.size, 0);
});

test('a thing that another request uses by now is not deleted', async () => {
  const other = () => registry.add(certificateOf(device(...EC)), { things: ['Fleet_1'] });
  for (const operation of ['attachThingPrincipal', 'deleteThing']) {
    registry = empty();
    failing('attachThingPrincipal', 'before');
    meanwhile(operation, other);
    assert.match((await issue()).detail, /all was undone/);
    assert.equal(registry.thing('Fleet_1').length, 1);
    assert.equal(registry.certificates.size, 1);
  }
});

test('of two requests for a new thing, one that fails leaves the other', async () => {
  failing('attachThingPrincipal', 'before');
  const answers = await Promise.all([issue(), call('POST', 'Fleet_1', { body: { csr: csrOf(device(...EC)) } })]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 502]);
  const { certificateId } = answers.find(({ status }) => status === 201);
  assert.deepEqual(registry.thing('Fleet_1'), [registry.certificate(certificateId).certificateArn]);
  assert.equal(registry.certificates.size, 1);
});

test('too little time is kept for undoing, and the line is written', async () => {
  meanwhile('attachPolicy', () => (timeLeft = 11_000));
  const { code, detail } = await issue();
  assert.deepEqual([code, detail], ['service-error', 'describeThing failed with TimeoutError; all was undone']);
  assert.equal(registry.certificates.size, 0);
  meanwhile('attachThingPrincipal', () => (timeLeft = 900));
  timeLeft = 29_000;
  assert.match((await issue()).detail, /something was left behind/);
  assert.deepEqual(log[1].left, ['listThingPrincipals: TimeoutError', 'deleteCertificate: TimeoutError']);
});

test('nothing waits longer than there is time', async () => {
  const id = registry.add(certificate, { things: ['Fleet_1'] });
  failing('deleteCertificate', 'before', 'DeleteConflictException', 9);
  timeLeft = 1200;
  const before = Date.now();
  assert.equal((await remove(id)).detail, 'deleteCertificate failed with DeleteConflictException');
  assert.ok(Date.now() - before < 1000);
});

test('what could not be undone is in the log', async () => {
  failing('attachThingPrincipal', 'before');
  failing('deleteCertificate', 'before');
  assert.match((await issue()).detail, /something was left behind/);
  assert.equal(log[0].outcome, 'left');
  assert.deepEqual(log[0].left, ['deleteCertificate: InternalFailureException']);
  registry = empty();
  failing('updateCertificate', 'before', 'InternalFailureException', 2);
  assert.match((await issue()).detail, /all was undone/);
});

test('the same CSR again gets the same certificate', async () => {
  registry.add(certificateOf(device(...EC)), { things: ['Fleet_1'] });
  const first = await issue();
  const second = await issue();
  assert.deepEqual([second.status, second.sent], [200, first.sent]);
  assert.equal(registry.certificates.size, 2);
});

test('the same CSR twice at the same moment may make two certificates', async () => {
  const [one, other] = await Promise.all([issue(), issue()]);
  assert.deepEqual([one.status, other.status], [201, 201]);
  assert.notEqual(one.certificateId, other.certificateId);
  assert.equal((await issue()).status, 200);
});

test('what somebody switched off, or took the policy from, is not for the device to mend', async () => {
  for (const [status, policies] of [['INACTIVE', []], ['INACTIVE', ['foreign']], ['ACTIVE', []], ['REVOKED', ['device']]]) {
    registry = empty();
    registry.add(certificate, { status, policies, things: ['Fleet_1'] });
    const before = registry.state();
    const refused = await issue();
    assert.deepEqual([refused.code, refused.certificateStatus], ['certificate-duplicate', status]);
    assert.deepEqual(registry.state(), before);
  }
});

test('of several with the key the one that works is answered', async () => {
  registry.add(certificate, { policies: ['foreign'], things: ['Fleet_1'] });
  registry.add(certificateOf(key), { status: 'INACTIVE', things: ['Fleet_1'] });
  const works = registry.add(certificateOf(key), { things: ['Fleet_1'] });
  const { status, certificateId } = await issue();
  assert.deepEqual([status, certificateId], [200, works]);
});

test('one that was deactivated stays so', async () => {
  const { certificateId } = await issue();
  await setStatus(certificateId, 'INACTIVE');
  const { headers, sent } = await issue();
  assert.equal(headers['content-type'], 'application/problem+json');
  const { title, detail, ...problem } = sent;
  assert.deepEqual(problem, {
    type: 'about:blank', status: 409, code: 'certificate-duplicate',
    certificateId, certificateStatus: 'INACTIVE', thingNames: ['Fleet_1'], otherThings: 0,
  });
});

test('a certificate is registered inactive unless asked otherwise, and once', async () => {
  assert.deepEqual((await register()).sent.status, 'INACTIVE');
  registry.things.set('Other_1', [...registry.certificates.values()].map((one) => one.certificateArn));
  const again = await register({ status: 'ACTIVE' });
  assert.equal(again.code, 'certificate-duplicate');
  assert.deepEqual([again.certificateStatus, again.thingNames, again.otherThings], ['INACTIVE', ['Fleet_1'], 1]);
});

test('a certificate that another call registered just now is not deleted', async () => {
  meanwhile('registerCertificateWithoutCA', () => registry.add(certificate, { status: 'INACTIVE', policies: [] }));
  assert.equal((await register()).code, 'certificate-duplicate');
  assert.equal(registry.certificates.size, 1);
});

test('one that was registered just now and is gone again is a problem like others', async () => {
  failing('registerCertificateWithoutCA', 'before', 'ResourceAlreadyExistsException');
  const { status, detail } = await register();
  assert.equal(status, 502);
  assert.equal(detail, 'registerCertificateWithoutCA failed with ResourceAlreadyExistsException');
});

// ---- Switching and deleting ----

test('only a certificate of the thing is switched', async () => {
  const id = registry.add(certificate, { things: ['Fleet_2'] });
  assert.equal((await setStatus(id, 'INACTIVE')).code, 'certificate-not-found');
  assert.equal(registry.certificate(id).status, 'ACTIVE');
  registry.things.set('Fleet_1', registry.thing('Fleet_2'));
  registry.things.delete('Fleet_2');
  assert.deepEqual((await setStatus(id, 'INACTIVE')).sent, { thingName: 'Fleet_1', certificateId: id, status: 'INACTIVE' });
  assert.equal((await setStatus(id, 'REVOKED')).code, 'usage');
});

test('what other things use is not deactivated', async () => {
  const id = registry.add(certificate, { things: ['Fleet_1', 'Fleet_2', 'Other_1'] });
  const { code, thingNames, otherThings } = await setStatus(id, 'INACTIVE');
  assert.deepEqual([code, thingNames, otherThings], ['certificate-shared', ['Fleet_2'], 1]);
  assert.equal(registry.certificate(id).status, 'ACTIVE');
  assert.equal((await setStatus(id, 'ACTIVE')).status, 200);
});

test('a certificate without the policy of this site is neither switched nor deleted', async () => {
  for (const policies of [[], ['foreign']]) {
    const id = registry.add(certificate, { policies, things: ['Fleet_1'] });
    const before = registry.state();
    assert.equal((await setStatus(id, 'INACTIVE')).code, 'certificate-not-found');
    assert.equal((await remove(id)).code, 'certificate-not-found');
    assert.deepEqual(registry.state(), before);
    registry = empty();
  }
});

for (const operation of ['updateCertificate', 'detachPolicy', 'detachThingPrincipal', 'deleteCertificate']) {
  for (const when of ['before', 'after']) {
    test(`a deletion that was cut ${when} ${operation} is repeated`, async () => {
      const id = registry.add(certificate, { policies: ['device', 'foreign'], things: ['Fleet_1'] });
      failing(operation, when);
      assert.equal((await remove(id)).code, 'service-error');
      const gone = operation === 'deleteCertificate' && when === 'after';
      assert.equal((await remove(id)).status, gone ? 404 : 204);
      assert.equal((await remove(id)).code, 'certificate-not-found');
      assert.equal(registry.certificates.size, 0);
    });
  }
}

test('what other things use is not deleted, and only the names of this site are told', async () => {
  const id = registry.add(certificate, { things: ['Fleet_1', 'Fleet_2', 'Other_1'] });
  const { code, thingNames, otherThings } = await remove(id);
  assert.deepEqual([code, thingNames, otherThings], ['certificate-shared', ['Fleet_2'], 1]);
  assert.equal(registry.certificate(id).status, 'ACTIVE');
});

test('a certificate that is no thing’s, and not marked, is not ours to delete', async () => {
  for (const one of [{ status: 'ACTIVE' }, { status: 'INACTIVE', policies: ['foreign'] }]) {
    assert.equal((await remove(registry.add(certificate, one))).code, 'certificate-not-found');
  }
});

test('AWS IoT may need a while to detach', async () => {
  const id = registry.add(certificate, { things: ['Fleet_1'] });
  failing('deleteCertificate', 'before', 'DeleteConflictException', 2);
  assert.equal((await remove(id)).status, 204);
});

test('an installer takes back what was made for their CSR, within an hour', async () => {
  const hour = 60 * 60 * 1000;
  const takeBack = (id, body) => remove(id, { groups: '[installers]', body });
  const old = registry.add(certificate, { things: ['Fleet_1'], creationDate: new Date(Date.now() - hour) });
  assert.equal((await takeBack(old, { csr })).code, 'not-allowed');
  registry = empty();
  const fresh = registry.add(certificate, { things: ['Fleet_1'], creationDate: new Date(Date.now() - hour + 5000) });
  assert.equal((await takeBack(fresh)).code, 'not-allowed');
  assert.equal((await takeBack(fresh, { csr: csrOf(device(...EC)) })).code, 'not-allowed');
  assert.equal((await takeBack(fresh, { csr: 'x' })).code, 'certificate-invalid');
  assert.equal((await takeBack(fresh, { csr })).status, 204);
});

test('a CSR is checked, whoever sends it', async () => {
  const old = registry.add(certificate, { things: ['Fleet_1'], creationDate: new Date(0) });
  assert.equal((await remove(old, { body: { csr: csrOf(device(...EC)) } })).code, 'not-allowed');
  assert.equal((await remove(old, { body: { csr: 'x' } })).code, 'certificate-invalid');
  assert.equal((await remove(old, { body: { more: 1 } })).code, 'usage');
  assert.equal((await remove(old, { body: { csr } })).status, 204);
});

// ---- What is refused ----

test('groups come as a list or as API Gateway writes it', async () => {
  const refused = ['[]', '[other]', undefined, [], 'x,installers', '[x,installers]', '[[installers]]', 'helpdesks'];
  for (const groups of refused) {
    const { code } = await call('POST', 'Fleet_1', { body: { csr }, claims: { 'cognito:groups': groups } });
    assert.equal(code, 'not-allowed', String(groups));
  }
  for (const groups of ['[other installers]', '[helpdesk]', ['installers'], 'installers']) {
    assert.ok((await issue('Fleet_1', { groups })).status < 300, String(groups));
  }
  assert.equal((await issue('Fleet_1', { claims: { token_use: 'access' } })).code, 'not-allowed');
});

test('installers neither switch nor delete', async () => {
  const { certificateId } = await issue();
  const groups = '[installers]';
  assert.equal((await remove(certificateId, { groups })).code, 'not-allowed');
  const body = { status: 'INACTIVE' };
  assert.equal((await call('PATCH', 'Fleet_1', { certificateId, body, groups })).code, 'not-allowed');
  assert.equal(registry.certificate(certificateId).status, 'ACTIVE');
});

test('things of others are not touched', async () => {
  for (const name of ['Other_1', 'Fleet_', 'Fleet_a:b', 'Fleet_a b', 'Fleet_1\n', `Fleet_${'a'.repeat(65)}`]) {
    assert.equal((await issue(name)).code, 'thing-name-invalid', name);
  }
  assert.deepEqual(registry.calls, []);
});

test('a body that is not understood is refused', async () => {
  const bodies = ['{', '[]', '1', 'null', '{}', { csr, certificatePem: certificate }, { csr, status: 'ACTIVE' },
    { csr: 1 }, { csr, more: 1 }, { certificatePem: certificate, status: 'REVOKED' }];
  for (const body of bodies) assert.equal((await call('POST', 'Fleet_1', { body })).code, 'usage', JSON.stringify(body));
  assert.equal((await remove('../x')).code, 'certificate-not-found');
  assert.deepEqual(registry.calls, []);
});

test('keys and signatures are those of AWS IoT', async () => {
  const RSA = ['-algorithm', 'RSA', '-pkeyopt'];
  const curve = (name) => device('-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`);
  const taken = [csrOf(device(...RSA, 'rsa_keygen_bits:2048'), '-sha512'), csrOf(curve('P-384'), '-sha384'), csrOf(curve('P-521'))];
  for (const one of taken) assert.equal((await call('POST', 'Fleet_1', { body: { csr: one } })).status, 201);

  const small = device(...RSA, 'rsa_keygen_bits:1024');
  for (const one of [small, device('-algorithm', 'ed25519'), curve('secp256k1')]) {
    for (const body of [{ csr: csrOf(one) }, { certificatePem: certificateOf(one) }]) {
      assert.equal((await call('POST', 'Fleet_1', { body })).code, 'certificate-unsupported');
    }
  }
  assert.equal((await call('POST', 'Fleet_1', { body: { csr: csrOf(key, '-sha1') } })).code, 'certificate-unsupported');
});

test('what cannot be read, or is not signed with its own key, is refused', async () => {
  const der = Buffer.from(csr.split('-----')[2], 'base64');
  const pem = (bytes) => `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  const forged = Buffer.from(der);
  forged[forged.length - 1] ^= 1;
  const invalid = ['', 'x', csr + csr, csr + ' '.repeat(4096), certificate, pem(forged), pem(Buffer.concat([der, der]))];
  for (let length = 1; length < der.length; length += 7) invalid.push(pem(der.subarray(0, length)));
  for (const one of invalid) {
    assert.equal((await call('POST', 'Fleet_1', { body: { csr: one } })).code, 'certificate-invalid', one);
  }
  for (const one of [csr, 'x']) {
    assert.equal((await call('POST', 'Fleet_1', { body: { certificatePem: one } })).code, 'certificate-invalid');
  }
  assert.deepEqual(registry.calls, []);
});

test('what AWS IoT says is told by codes', async () => {
  failing('createCertificateFromCsr', 'before', 'ThrottlingException');
  const throttled = await issue();
  assert.deepEqual([throttled.status, throttled.code, throttled.headers['retry-after']], [429, 'throttled', '2']);
  failing('createCertificateFromCsr', 'before', 'InvalidRequestException');
  assert.equal((await issue()).code, 'certificate-unsupported');
  failing('registerCertificateWithoutCA', 'before', 'CertificateValidationException');
  assert.equal((await register()).code, 'certificate-unsupported');
  assert.equal(registry.certificates.size, 0);
});
