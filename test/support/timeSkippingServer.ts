import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, firstThatWorks, onlyOne, programIn, run, sdkDownload } from '../../worker/parts/cache.ts';
import { type Progress, quiet, type Step } from '../../worker/parts/progress.ts';

const version = '1.32.0';

/**
 * The path of Temporal's time-skipping test server, for `createTimeSkipping({ server: { executable: { type:
 * 'existing-path', path } } })`: ours if it is there, else downloaded by the SDK, else fetched with Maven.
 */
export async function findTestServer({ progress = quiet }: { progress?: Progress } = {}): Promise<string> {
  const fetched = join(cacheFolder(), `temporal-test-server-${version}`, 'temporal-test-server');
  const downloads = join(cacheFolder(), 'temporal-test-server-from-sdk');
  const cached = () => (existsSync(fetched) ? fetched : programIn(downloads));
  const fetch = async (step: Step) => {
    mkdirSync(cacheFolder(), { recursive: true });
    return onlyOne(`${dirname(fetched)}.lock`, step, async () => {
      return (
        cached() ??
        firstThatWorks('no-test-server', [
          () => sdkDownload('time-skipping', downloads, step),
          () => maven(fetched, step),
        ])
      );
    });
  };
  return cached() ?? progress.during('Time-skipping test server', 'none is here yet; fetched once, then kept', fetch);
}

async function maven(program: string, step: Step): Promise<string> {
  // Beside its final place, so that it gets there by a rename: whole or not at all.
  const half = mkdtempSync(`${dirname(program)}.fetching-`);
  try {
    writeFileSync(join(half, 'pom.xml'), pom);
    step.far('fetching it with Maven, about a minute');
    let downloaded = 0;
    await run('mvn', ['-B', '-f', join(half, 'pom.xml'), 'dependency:copy-dependencies', '-DoutputDirectory=lib'], {
      onLine: (line) => {
        if (line.includes('Downloaded')) downloaded += 1;
        step.far(`fetching it with Maven, about a minute; ${downloaded} files so far`);
      },
    });
    const script = join(half, 'temporal-test-server');
    writeFileSync(script, starter);
    chmodSync(script, 0o755);
    renameSync(half, dirname(program));
    return program;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>aftercare</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${version}</version>
    </dependency>
    <!-- It logs through slf4j and complains on every start when nothing listens. -->
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;

// The SDK calls it as `temporal-test-server PORT`.
const starter = `#!/bin/sh
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;
