'use strict';
// A registry of AWS IoT in memory, as strict as it is, where any step can be made to fail before or after it is done.

const assert = require('node:assert/strict');
const { createHash, X509Certificate } = require('node:crypto');

let registry;

class Registry {
  certificates = new Map();
  things = new Map();
  calls = [];
  before = {};
  after = {};
  meanwhile = {};
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
    const certificateId = idOf(pem);
    const certificateArn = `arn:aws:iot:x:1:cert/${certificateId}`;
    this.certificates.set(certificateId, { certificateId, certificateArn, certificatePem: pem, status, policies, creationDate });
    for (const name of things) this.things.set(name, [...(this.things.get(name) ?? []), certificateArn]);
    return certificateId;
  }
}

const idOf = (pem) => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');

// What makes a certificate of a CSR: another one each time.
const issued = {};

const operations = {
  createCertificateFromCsr: ({ certificateSigningRequest }) => {
    assert.match(certificateSigningRequest, /^-----BEGIN CERTIFICATE REQUEST-----\n/);
    return registry.certificate(registry.add(issued[certificateSigningRequest](), { status: 'INACTIVE', policies: [] }));
  },
  registerCertificateWithoutCA: ({ certificatePem, status }) => {
    if (registry.certificates.has(idOf(certificatePem))) fail('ResourceAlreadyExistsException');
    return registry.certificate(registry.add(certificatePem, { status, policies: [] }));
  },
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
    const one = registry.certificate(target.split('/')[1]);
    one.policies = [...new Set([...one.policies, policyName])];
  },
  detachPolicy: ({ policyName, target }) => {
    const one = registry.certificate(target.split('/')[1]);
    one.policies = one.policies.filter((name) => name !== policyName);
  },
  listAttachedPolicies: ({ target }) => ({
    policies: registry.certificate(target.split('/')[1]).policies.map((policyName) => ({ policyName })),
  }),
  describeThing: ({ thingName }) => ({ thingName, thingId: registry.thing(thingName) && 'x' }),
  // One of the same attributes is taken for made.
  createThing: ({ thingName }) => void (registry.things.has(thingName) || registry.things.set(thingName, [])),
  deleteThing: ({ thingName }) => {
    if (registry.things.get(thingName)?.length > 0) fail('InvalidRequestException');
    registry.things.delete(thingName);
  },
  attachThingPrincipal: ({ thingName, principal }) => {
    registry.certificate(principal.split('/')[1]);
    registry.things.set(thingName, [...new Set([...registry.thing(thingName), principal])]);
  },
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

const statuses = { InternalFailureException: 500, ThrottlingException: 429, ResourceNotFoundException: 404 };

function fail(name) {
  // Without an answer there is no status.
  const httpStatusCode = name === 'TimeoutError' ? undefined : (statuses[name] ?? 400);
  throw Object.assign(new Error('a message with a secret in it'), { name, $metadata: { httpStatusCode } });
}

// Fails the next time, before or after it has done it.
function failing(operation, when, name = 'InternalFailureException', times = 1) {
  registry[when][operation] = { name, times };
}

// What another does just before that call.
function meanwhile(operation, act) {
  registry.meanwhile[operation] = act;
}

function due(operation, when) {
  const failure = registry[when][operation];
  if (failure && failure.times-- > 0) fail(failure.name);
}

class IoT {
  constructor() {
    for (const [operation, run] of Object.entries(operations)) {
      this[operation] = async (input, { abortSignal }) => {
        assert.ok(abortSignal instanceof AbortSignal);
        registry.calls.push(operation);
        const act = registry.meanwhile[operation];
        delete registry.meanwhile[operation];
        act?.();
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
  meanwhile,
  empty: () => (registry = new Registry()),
};
