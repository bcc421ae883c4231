"""Lets a button in a cell's output interrupt its kernel.

A kernel that runs a cell reads no message of the browser's until the cell has ended. Its server can interrupt it, and
that is asked for with the page's own login. Where there is no such server, there is no button.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_KERNEL = re.compile(r"kernel-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json")
_SCRIPT = """\
const told=document.getElementById('jupyter-config-data');
const page=told?JSON.parse(told.textContent):{};
const mark=(document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)||[])[1]||'';
const button=this;
const failed=()=>{button.textContent='interrupt the kernel to stop';};
button.textContent='Stopping\\u2026';
fetch((page.baseUrl||'/')+'api/kernels/KERNEL/interrupt',{method:'POST',credentials:'same-origin',\
headers:Object.assign({'X-XSRFToken':mark},page.token?{Authorization:'token '+page.token}:{})})\
.then(answer=>{if(!answer.ok)failed();},failed);"""


def interrupt_script() -> str:
    """Return the script of a button that interrupts this kernel; nothing where no Jupyter server has started it."""
    application = sys.modules.get("ipykernel.kernelapp")
    if application is None or not application.IPKernelApp.initialized():
        return ""
    found = _KERNEL.fullmatch(Path(application.IPKernelApp.instance().connection_file).name)
    return _SCRIPT.replace("KERNEL", found[1]).replace("\n", "") if found else ""
