"""The portal starts with or without the library; pages and sockets do not notice either."""

import subprocess
import sys

from tests import databases

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"mcp", "mcp_types"}:
            raise ModuleNotFoundError(name)

import os, importlib.util
os.environ["DJANGO_SETTINGS_MODULE"] = "hitl_portal.settings"
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "mcp" else found(name, package)
sys.meta_path.insert(0, Missing())
"""
MOUNTED = "from hitl_portal.asgi import pages; from hitl_portal.mcp.mount import with_tools; found = with_tools(pages)"


def _says(code: str) -> subprocess.CompletedProcess[str]:
    environment = {"HITL_DATA_DIR": str(databases.directory()), "PATH": ""}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


def test_without_the_library_there_are_pages_and_no_tools() -> None:
    done = _says(f"{WITHOUT}{MOUNTED}; assert found is pages")
    assert done.returncode == 0, done.stderr


def test_the_command_says_what_is_missing() -> None:
    run = "import os; os.environ['HITL_TOKEN'] = 'hitl_x'; from django.core.management import execute_from_command_line"
    done = _says(f"{WITHOUT}{run}; execute_from_command_line(['manage.py', 'mcp'])")
    assert "hitl-portal[mcp]" in done.stderr


def test_the_library_is_loaded_once_it_is_needed() -> None:
    setting = "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'hitl_portal.settings'; "
    done = _says(f"{setting}{MOUNTED}; assert found is not pages; assert 'mcp' not in sys.modules")
    assert done.returncode == 0, done.stderr
