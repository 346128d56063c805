import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { MachineSpec, ReportStep } from '../../provider.ts'
import { generateKeyPair } from '../../ssh/keys.ts'
import { run } from './commands.ts'
import { etcFiles, findSecrets } from './filesystem.ts'
import { ensureKeyPair } from './keys.ts'
import { workerLayout, type WorkerLayout } from './layout.ts'
import type { Sandbox } from './sandbox.ts'

/** Makes the worker's folder. The spec file is written last: a folder without one is begun again. */
export async function createWorker(sandbox: Sandbox, spec: MachineSpec, report: ReportStep): Promise<void> {
  const worker = workerLayout(sandbox.lab, spec.name)
  if ((await readSpec(worker)) !== undefined) return
  report('Create disk')
  await run({ argv: ['rm', '-rf', '--one-file-system', '--', worker.folder] })
  // Together, so that nobody who removes what is shared comes between: it stays while there is a worker's folder.
  const keys = await sandbox.alone(async () => {
    for (const folder of ['upper', 'work', 'root']) await mkdir(join(worker.folder, folder), { recursive: true })
    await chmod(worker.folder, 0o700)
    return ensureKeyPair(sandbox.lab.keyFile, `orrery-${sandbox.context.labId}`, sandbox.random)
  })
  await hideSecrets(worker)
  await writeEtc(sandbox, worker, spec, keys.publicKey)
  await writeSpec(worker, spec)
}

/** The spec by which the worker was made; undefined when its folder is not there or not finished. */
export async function readSpec({ specFile }: WorkerLayout): Promise<MachineSpec | undefined> {
  try {
    return JSON.parse(await readFile(specFile, 'utf8')) as MachineSpec
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

export async function writeSpec({ specFile }: WorkerLayout, spec: MachineSpec): Promise<void> {
  await writeFile(`${specFile}.new`, `${JSON.stringify(spec)}\n`)
  await rename(`${specFile}.new`, specFile)
}

/** A character device 0:0 in the upper layer hides what is below, be it a file or a folder. */
async function hideSecrets(worker: WorkerLayout): Promise<void> {
  const secrets = await findSecrets()
  for (const { path, folderMode } of secrets) {
    const folder = dirname(join(worker.etc, path))
    await mkdir(folder, { recursive: true })
    // A folder that is in both layers has the mode of the upper one.
    await chmod(folder, folderMode)
  }
  const paths = secrets.map(({ path }) => join(worker.etc, path))
  await run({ argv: ['sh', '-c', 'for path; do mknod "$path" c 0 0 || exit; done', 'hide', ...paths] })
}

async function writeEtc(
  { resourcesFolder, random }: Sandbox,
  worker: WorkerLayout,
  { name, address }: MachineSpec,
  userPublicKey: string,
): Promise<void> {
  const resource = (file: string): Promise<string> => readFile(join(resourcesFolder, 'node', file), 'utf8')
  const files = etcFiles({
    name,
    address,
    machineId: random.uuid().replaceAll('-', ''),
    passwd: await readFile('/etc/passwd', 'utf8'),
    hostKey: generateKeyPair(name),
    userPublicKey,
    sshdSettings: await resource('sshd.conf'),
    dockerSettings: await resource('daemon.json'),
  })
  for (const { path, mode, content } of files) {
    const file = join(worker.etc, path)
    // The host's own file may be hidden here.
    await rm(file, { force: true })
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { mode })
  }
}
