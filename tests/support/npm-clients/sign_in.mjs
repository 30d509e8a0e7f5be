// Stands for another Cognito client, amazon-cognito-identity-js: it signs in with the password that
// Fieldkey set. POOL, CLIENT, ENDPOINT, EMAIL and FIELDKEY_PASSWORD come from the environment; of the
// tokens it prints only whose they are.
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';

const { POOL, CLIENT, ENDPOINT, EMAIL, FIELDKEY_PASSWORD } = process.env;

// It keeps tokens in the browser's storage; here they live as long as the program.
const kept = new Map();
const Storage = {
  setItem: (key, value) => kept.set(key, value),
  getItem: (key) => kept.get(key) ?? null,
  removeItem: (key) => kept.delete(key),
  clear: () => kept.clear(),
};

const Pool = new CognitoUserPool({ UserPoolId: POOL, ClientId: CLIENT, endpoint: ENDPOINT, Storage });
const user = new CognitoUser({ Username: EMAIL, Pool, Storage });

function refuse(words) {
  console.error(words);
  process.exitCode = 1;
}

user.authenticateUser(new AuthenticationDetails({ Username: EMAIL, Password: FIELDKEY_PASSWORD }), {
  onSuccess(session) {
    const { email, sub } = session.getIdToken().decodePayload();
    console.log(JSON.stringify({ email, sub }));
  },
  onFailure: (error) => refuse(`${error.code}: ${error.message}`),
  newPasswordRequired: () => refuse('the password is temporary'),
  mfaRequired: () => refuse('a code is required'),
  totpRequired: () => refuse('a code is required'),
});
