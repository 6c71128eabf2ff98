"""The real template on the emulator: `sam build`, `sam deploy`, then the parts of an HttpApi that it leaves out."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from scripts.local_stack import environments
from scripts.local_stack.console import StackError, run, step
from scripts.local_stack.environments import ROOT
from scripts.local_stack.stack import Stack

STACK_NAME = "loyalty-wallets"
TEMPLATE = ROOT / "template.yaml"
FUNCTIONS = ROOT / "functions"
LAYERS = ROOT / "layers"

# A local stack is thrown away as a whole, and its users should not wait for sweeps.
DEV_PARAMETERS = {
    "DeletionProtection": "false",
    "PointInTimeRecovery": "false",
    "TableRetention": "Delete",
    "CorsOrigins": "http://localhost:3000",
    "CampaignSchedule": "rate(1 minute)",
    # More processes would not be faster on the processors of one machine.
    "SettleConcurrency": "4",
    "AwardConcurrency": "4",
    # The zone and currency of the shop whose orders `make replay` posts.
    "TimeZone": "Europe/London",
    "Currency": "GBP",
}


def fingerprint(parameters: Mapping[str, str]) -> str:
    """Returns the fingerprint of all that decides what is deployed."""
    digest = hashlib.sha256(json.dumps(sorted(parameters.items())).encode())
    digest.update(environments.EMULATOR.fingerprint.encode())
    digest.update(environments.SAM.fingerprint.encode())
    for file in _sources():
        digest.update(f"\0{file.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def build(stack: Stack, parameters: Mapping[str, str]) -> None:
    """Builds for the interpreter that the emulator runs functions on, whatever runtime the template names."""
    # Functions are packaged as their folders are, and leftovers of test runs are not code.
    for cache in FUNCTIONS.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    env = sam_env(stack) | {
        "UV": str(environments.uv()),
        "LAYER_INTERPRETER": str(environments.EMULATOR.python),
    }
    command: list[str | Path] = [
        *(environments.SAM.path / "bin" / "sam", "build", "--config-file", no_configuration(stack)),
        *("--template-file", TEMPLATE, "--build-dir", stack.build),
        # The cache ignores the interpreter, so each interpreter has its own.
        *("--cached", "--cache-dir", stack.sam / f"cache-{environments.EMULATOR.fingerprint[:16]}", "--parallel"),
    ]
    assignments = [f"{name}={value}" for name, value in parameters.items()]
    with step("sam build"):
        run(command, env=env, cwd=ROOT)
        run(
            [*module("localize"), stack.build / "template.yaml", stack.layers, *assignments],
            env=stack.aws_env(),
            cwd=ROOT,
        )


def deploy(stack: Stack, parameters: Mapping[str, str]) -> None:
    command: list[str | Path] = [
        *(environments.SAM.path / "bin" / "sam", "deploy", "--config-file", no_configuration(stack)),
        *("--template-file", stack.build / "template.yaml", "--stack-name", STACK_NAME, "--resolve-s3"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
        *("--parameter-overrides", *[f"{name}={json.dumps(value)}" for name, value in parameters.items()]),
    ]
    with step("sam deploy"):
        try:
            run(command, env=sam_env(stack), cwd=ROOT)
        except StackError as failed:
            raise StackError(f"{failed}\n\nIf the stack cannot be updated, stop it and start it again.") from failed


def complete(stack: Stack) -> dict[str, str]:
    """Gives the API its routes, and returns the stack's outputs."""
    with step("routes of the API"):
        outputs: dict[str, str] = json.loads(run([*module("gateway"), STACK_NAME], env=stack.aws_env(), cwd=ROOT))
    missing = {"ApiId", "TableName", "BusName"} - outputs.keys()
    if missing:
        raise StackError(f"template.yaml has no output {', '.join(sorted(missing))}.")
    return outputs


def module(name: str) -> tuple[str | Path, ...]:
    """Returns the command that runs a module of this package where boto3 and PyYAML are."""
    return environments.EMULATOR.python, "-m", f"scripts.local_stack.{name}"


def _sources() -> Iterable[Path]:
    code = [file for folder in (FUNCTIONS, LAYERS) for file in folder.rglob("*") if file.is_file()]
    files = [file for file in code if not any(part.endswith(("__pycache__", ".egg-info")) for part in file.parts)]
    # The code that deploys is part of the deployment: otherwise a change to it would not be deployed.
    return sorted([TEMPLATE, *files, *Path(__file__).parent.glob("*.py")])


def sam_env(stack: Stack) -> dict[str, str]:
    # SAM's own files belong to the stack too, rather than to the user's home.
    own = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5", "__SAM_CLI_APP_DIR": str(stack.sam)}
    return stack.aws_env() | own


def no_configuration(stack: Stack) -> Path:
    """Makes an empty configuration: samconfig.toml is for AWS, and neither deployment may affect the other."""
    stack.sam.mkdir(exist_ok=True)
    file = stack.sam / "samconfig.toml"
    file.write_text("version = 0.1\n")
    return file
