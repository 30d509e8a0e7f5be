'use strict';
// A registry of AWS IoT in memory, where any step can be made to fail before or after it is done.

const assert = require('node:assert/strict');
const { createHash, X509Certificate } = require('node:crypto');

let registry;

class Registry {
  certificates = new Map();
  things = new Map();
  calls = [];
  before = {};
  after = {};
  policies = ['device', 'foreign'];

  state() {
    return structuredClone({ certificates: this.certificates, things: this.things });
  }

  certificate(id) {
    return this.certificates.get(id) ?? fail('ResourceNotFoundException');
  }

  thing(name) {
    return this.things.get(name) ?? fail('ResourceNotFoundException');
  }

  add(pem, { status = 'ACTIVE', policies = ['device'], things = [], creationDate = new Date() }) {
    const certificateId = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
    const certificateArn = `arn:aws:iot:x:1:cert/${certificateId}`;
    this.certificates.set(certificateId, { certificateId, certificateArn, certificatePem: pem, status, policies, creationDate });
    for (const name of things) this.things.set(name, [...(this.things.get(name) ?? []), certificateArn]);
    return certificateId;
  }
}

// The certificate that is made of a CSR.
const issued = {};

const operations = {
  createCertificateFromCsr: ({ certificateSigningRequest }) => {
    assert.match(certificateSigningRequest, /^-----BEGIN CERTIFICATE REQUEST-----\n/);
    return registry.certificate(registry.add(issued[certificateSigningRequest], { status: 'INACTIVE', policies: [] }));
  },
  registerCertificateWithoutCA: ({ certificatePem, status }) =>
    registry.certificate(registry.add(certificatePem, { status, policies: [] })),
  describeCertificate: ({ certificateId }) => ({ certificateDescription: { ...registry.certificate(certificateId) } }),
  updateCertificate: ({ certificateId, newStatus }) => void (registry.certificate(certificateId).status = newStatus),
  deleteCertificate: ({ certificateId, forceDelete }) => {
    const { certificateArn, status } = registry.certificate(certificateId);
    assert.ok(forceDelete);
    if (status === 'ACTIVE') fail('CertificateStateException');
    if ([...registry.things.values()].flat().includes(certificateArn)) fail('DeleteConflictException');
    registry.certificates.delete(certificateId);
  },
  attachPolicy: ({ policyName, target }) => {
    if (!registry.policies.includes(policyName)) fail('ResourceNotFoundException');
    registry.certificate(target.split('/')[1]).policies.push(policyName);
  },
  detachPolicy: ({ policyName, target }) => {
    const one = registry.certificate(target.split('/')[1]);
    one.policies = one.policies.filter((name) => name !== policyName);
  },
  listAttachedPolicies: ({ target }) => ({
    policies: registry.certificate(target.split('/')[1]).policies.map((policyName) => ({ policyName })),
  }),
  describeThing: ({ thingName }) => ({ thingName, thingId: registry.thing(thingName) && 'x' }),
  createThing: ({ thingName }) => void registry.things.set(thingName, []),
  deleteThing: ({ thingName }) => {
    if (registry.thing(thingName).length > 0) fail('InvalidRequestException');
    registry.things.delete(thingName);
  },
  attachThingPrincipal: ({ thingName, principal }) => void registry.thing(thingName).push(principal),
  detachThingPrincipal: ({ thingName, principal }) =>
    void registry.things.set(thingName, registry.thing(thingName).filter((arn) => arn !== principal)),
  // A page of one, so that all of them must be asked for.
  listThingPrincipals: ({ thingName, nextToken = 0 }) => page('principals', registry.thing(thingName), nextToken),
  listPrincipalThings: ({ principal, nextToken = 0 }) => {
    const names = [...registry.things].filter(([, arns]) => arns.includes(principal)).map(([name]) => name);
    return page('things', names, nextToken);
  },
};

function page(member, found, at) {
  return { [member]: found.slice(at, at + 1), nextToken: at + 1 < found.length ? at + 1 : undefined };
}

function fail(name) {
  throw Object.assign(new Error('a message with a secret in it'), { name });
}

// Fails the next time, before or after it has done it.
function failing(operation, when, name = 'InternalFailureException', times = 1) {
  registry[when][operation] = { name, times };
}

function due(operation, when) {
  const failure = registry[when][operation];
  if (failure && failure.times-- > 0) fail(failure.name);
}

class IoT {
  constructor() {
    for (const [operation, run] of Object.entries(operations)) {
      this[operation] = async (input) => {
        registry.calls.push(operation);
        due(operation, 'before');
        const answer = run(input);
        due(operation, 'after');
        return answer;
      };
    }
  }
}

module.exports = {
  IoT,
  Registry,
  issued,
  failing,
  empty: () => (registry = new Registry()),
};
