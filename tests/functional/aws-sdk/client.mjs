// SPDX-License-Identifier: BSD-3-Clause
// The AWS SDK for JavaScript, driven by lines of JSON: [METHOD, INPUT] in, {output} or {error} out.
// METHOD is a command's name, or "paginate" and the name of a list. argv: endpoint, access key, secret.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const [endpoint, accessKeyId, secretAccessKey, folder] = process.argv.slice(2);
const sdk = createRequire(folder + "/")("@aws-sdk/client-network-firewall");
const client = new sdk.NetworkFirewallClient({
  endpoint,
  region: "eu-test-1",
  credentials: { accessKeyId, secretAccessKey },
});

async function call(method, input) {
  if (!method.startsWith("paginate"))
    return client.send(new sdk[method + "Command"](input));
  const pages = [];
  for await (const page of sdk[method]({ client, pageSize: input.MaxResults }, input)) pages.push(page);
  return pages;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [method, input] = JSON.parse(line);
  let answer;
  try {
    answer = { output: await call(method, input) };
  } catch (error) {
    const known = sdk[error.name];
    answer = {
      error: {
        name: error.name,
        message: error.message,
        own: known !== undefined && error instanceof known,
        service: error instanceof sdk.NetworkFirewallServiceException,
        metadata: error.$metadata,
      },
    };
  }
  console.log(JSON.stringify(answer));
}
