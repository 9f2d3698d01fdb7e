import type { OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { iso } from '../../domain/time.ts';
import type { Web } from '../web.ts';

type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The API, described: for programs as OpenAPI, for people as a page that needs nothing from elsewhere. */
export function docs(app: OpenAPIHono, web: Web): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'AFTERCARE_API_TOKEN, or the one printed at the start.',
  });
  let document: Document | undefined;
  const described = () => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Aftercare',
        version: '1',
        description: 'After-sale follow-up: orders in, and nobody is forgotten until they buy again.',
      },
      servers: [{ url: web.publicUrl }],
    });
    return document;
  };
  app.get('/v1/openapi.json', (c) => c.json(described()));
  app.get('/v1/docs', (c) => {
    const today = iso(web.now()).slice(0, 10);
    return c.html(html`<!doctype html>${<Page document={described()} publicUrl={web.publicUrl} today={today} />}`);
  });
}

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1d2730; background: #fff }
  h2 { margin-top: 3rem } h3 { margin: 2.5rem 0 0 } h3 code { font-size: 1rem }
  table { border-collapse: collapse; width: 100%; margin: .5rem 0 } summary { cursor: pointer }
  th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #d5dbe0 }
  pre { background: #f2f5f7; padding: .75rem; overflow-x: auto } td:first-child { white-space: nowrap }
  @media (prefers-color-scheme: dark) {
    body { color: #d8e0e6; background: #11191f } pre { background: #1b262e } a { color: #7ab8ff } th, td { border-color: #33424d }
  }`;

function Page({ document, publicUrl, today }: { document: Document; publicUrl: string; today: string }) {
  const ways = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined;
      return operation ? [{ id: `${method}-${path.replace(/\W+/g, '-')}`, method, path, operation }] : [];
    }),
  );
  const groups = [...new Set(ways.map(({ operation }) => operation.tags?.[0] ?? ''))];
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Aftercare: the API</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <h1>Aftercare: the API</h1>
        <p>
          {document.info.description} The same for programs: <a href="/v1/openapi.json">OpenAPI 3.1</a>.
        </p>
        <pre>{tryIt(publicUrl, today)}</pre>
        <p>
          Everything under <code>/v1</code> needs the token. What is refused answers with problem details (RFC 9457):{' '}
          <code>errors</code> names everything that is wrong, each with its place and what is allowed.
        </p>
        {groups.map((group) => (
          <>
            <h2>{group}</h2>
            {ways
              .filter(({ operation }) => operation.tags?.[0] === group)
              .map((way) => (
                <Way {...way} />
              ))}
          </>
        ))}
      </body>
    </html>
  );
}

const tryIt = (publicUrl: string, today: string) => `curl -i ${publicUrl}/v1/orders \\
  -H "Authorization: Bearer $AFTERCARE_API_TOKEN" -H "Content-Type: application/json" \\
  -d '{"number": "1", "placedAt": "${today}", "currency": "EUR", "total": "5.00",
       "customer": {"id": "c-1", "name": "Ada Palmer", "email": "ada@example.com"}}'`;

/** As much of OpenAPI's words as our own descriptions use. */
interface Described {
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Described[];
  description?: string;
  default?: unknown;
  properties?: Record<string, Described>;
  required?: string[];
  items?: Described;
}
interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: Described }[];
  requestBody?: { content: Record<string, { schema: Described; example?: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Described }> }>;
}

function Way({ id, method, path, operation }: { id: string; method: string; path: string; operation: Operation }) {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const body = requestBody?.content['application/json'];
  const asked = parameters.map(({ name, required, schema, ...parameter }) => ({
    name: parameter.in === 'path' ? `{${name}}` : parameter.in === 'query' ? `?${name}=` : `${name}:`,
    kind: kindOf(schema),
    required: required ?? false,
    text: parameter.description ?? schema.description,
  }));
  return (
    <section id={id}>
      <h3>
        {summary} <br />
        <code>
          {method.toUpperCase()} {path}
        </code>
      </h3>
      {description && <p>{description}</p>}
      {asked.length > 0 && <Fields fields={asked} />}
      {body && (
        <>
          <pre>{JSON.stringify(body.example, null, 2)}</pre>
          <details>
            <summary>All fields</summary>
            <Fields fields={fieldsOf(body.schema)} />
          </details>
        </>
      )}
      <details>
        <summary>Answers</summary>
        {Object.entries(responses).map(([status, { description, content }]) => {
          const schema = content?.['application/json']?.schema;
          return (
            <>
              <p>
                <strong>{status}</strong> {description}
              </p>
              {schema && <Fields fields={fieldsOf(schema)} />}
            </>
          );
        })}
      </details>
    </section>
  );
}

interface Field {
  name: string;
  kind: string;
  required: boolean;
  text?: string;
}

const Fields = ({ fields }: { fields: Field[] }) => (
  <table>
    {fields.map(({ name, kind, required, text }) => (
      <tr>
        <td>
          <code>{name}</code>
          {required && ' *'}
        </td>
        <td>{kind}</td>
        <td>{text}</td>
      </tr>
    ))}
  </table>
);

/** Every field of a body in one list, those of an object or a list behind a dot: `lines[].price`. */
function fieldsOf(schema: Described, before = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const list = within(field, 'items');
    const name = `${before}${key}${list ? '[]' : ''}`;
    const inner = list?.items ?? within(field, 'properties');
    const required = schema.required?.includes(key) ?? false;
    return [
      { name, kind: kindOf(field), required, text: field.description },
      ...(inner ? fieldsOf(inner, `${name}.`) : []),
    ];
  });
}

/** The schema itself or the branch of it that has the property: what may be null has two. */
const within = (schema: Described, property: 'items' | 'properties') =>
  [schema, ...(schema.anyOf ?? [])].find((branch) => branch[property] !== undefined);

function kindOf(schema: Described): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].join(' or ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  const kinds = [schema.type ?? 'anything'].flat().map((type) => (type === 'array' ? 'list' : type));
  return kinds.join(' or ');
}
