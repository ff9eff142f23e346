# SPDX-License-Identifier: MIT
"""A Mac without a Mac: launchd's domains, overrides and jobs as state, and the commands that ask and change it.

State is one JSON file, $SIM_ROOT/state.json; the Mac's files lie below $SIM_ROOT/root. Time stands still until
`sim tick SECONDS`. What is modelled, from where, and what is not: README.md here.
"""
import json
import os
import plistlib
import re
import stat

TEXTS = {
    0: "Success", 1: "Operation not permitted", 2: "No such file or directory", 3: "No such process", 5: "Input/output error",
    36: "Operation now in progress", 37: "Operation already in progress", 109: "Invalid property list",
    110: "Invalid or missing service identifier", 111: "Invalid or missing Program/ProgramArguments",
    112: "Could not find specified domain", 113: "Could not find specified service", 119: "Service is disabled",
    122: "Path had bad ownership/permissions", 124: "Domain is tearing down", 125: "Domain does not support specified action",
    127: "The specified service did not ship with the operating system", 134: "Service cannot load in requested session",
    150: "Operation not permitted while System Integrity Protection is engaged",
}
DEFAULT = {
    "name": "macOS", "version": "15.6.1", "build": "24G90", "extra": None,
    "dep": False, "mdm": "No", "server": None,
    "uid": 501, "sessions": {"501": {"type": "Aqua", "asid": 100020}}, "users": {"501": "alice"},
    "jobs": {}, "disabled": {}, "owners": {}, "programs": {}, "clock": 0, "next_pid": 600, "log": [],
    # what is left to the machine: codes where captures disagree, and how long a bootout takes
    "already_code": 5, "disabled_code": 5, "bootout_polls": 2, "bootout_code": 0,
}


class Refused(Exception):
    def __init__(self, code, text=None):
        super().__init__(code)
        self.code, self.text = code, text


class Mac:
    def __init__(self, root):
        self.root = root
        self.path = os.path.join(root, "state.json")
        self.state = dict(json.loads(json.dumps(DEFAULT)))
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as f:
                self.state.update(json.load(f))
        self.uid = int(os.environ.get("SIM_UID", self.state["uid"]))

    def save(self):
        tmp = f"{self.path}.{os.getpid()}"
        with open(tmp, "w", encoding="utf-8") as f:
            json.dump(self.state, f, indent=1)
        os.rename(tmp, self.path)

    def real(self, path):
        return os.path.join(self.root, "root") + path

    # ---- files ----

    def owner(self, path):
        if path in self.state["owners"]:
            return self.state["owners"][path]
        m = re.match(r"/Users/([^/]+)/", path)
        for uid, name in self.state["users"].items():
            if m and m.group(1) == name:
                return int(uid)
        return 0

    def load_plist(self, path):
        try:
            with open(self.real(path), "rb") as f:
                data = f.read()
        except OSError as e:
            raise Refused(5) from e
        if re.search(rb"<(true|false)></\1>", data):  # 10.14: launchd refuses what plutil takes
            raise Refused(109)
        try:
            job = plistlib.loads(data)
        except Exception as e:
            raise Refused(109) from e
        if not isinstance(job, dict):
            raise Refused(109)
        if not isinstance(job.get("Label"), str) or not job["Label"]:
            raise Refused(110)
        if not job.get("Program") and not job.get("ProgramArguments"):
            raise Refused(111)
        return job

    def check_file(self, path, domain, code):
        owner = self.owner(path)
        wants = 0 if domain == "system" or path.startswith("/Library/") else int(domain.split("/")[1])
        try:
            mode = os.stat(self.real(path)).st_mode
        except OSError as e:
            raise Refused(5) from e
        if owner not in (wants, 0) or mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise Refused(code)

    # ---- domains ----

    def domain(self, target):
        """Canonical "gui/501", "user/501", "system", or what launchctl answers instead."""
        if target == "system":
            return target
        m = re.fullmatch(r"(gui|user|login)/(\d+)", target)
        if not m:
            raise Refused(64)
        if m.group(1) == "gui" and m.group(2) not in self.state["sessions"]:
            raise Refused(112, f"Could not find domain for user gui: {m.group(2)}")
        return target

    def split_service(self, target):
        m = re.fullmatch(r"(system|(?:gui|user|login)/\d+)/(.+)", target)
        if not m:
            raise Refused(64)
        return self.domain(m.group(1)), m.group(2)

    def may_change(self, domain):
        if self.uid == 0:
            return
        if domain == "system" or domain.split("/")[1] != str(self.uid):
            raise Refused(1)

    def override(self, domain, label):
        return self.overrides(domain).get(label)

    def overrides(self, domain):
        key = "system" if domain == "system" else domain.split("/")[1]
        return self.state["disabled"].setdefault(key, {})

    def job(self, domain, label):
        job = self.state["jobs"].get(domain, {}).get(label)
        if job is None:
            where = "system" if domain == "system" else "user %s: %s" % tuple(domain.split("/"))
            raise Refused(113, f'Could not find service "{label}" in domain for {where}')
        return job

    def session_type(self, domain):
        if domain == "system":
            return "System"
        kind, uid = domain.split("/")
        return "Background" if kind == "user" else self.state["sessions"].get(uid, {}).get("type", "Aqua")

    # ---- changes ----

    def bootstrap(self, domain, path):
        domain = self.domain(domain)
        self.may_change(domain)
        plist = self.load_plist(path)
        label = plist["Label"]
        self.check_file(path, domain, 5)
        if label in self.state["jobs"].get(domain, {}):
            raise Refused(self.state["already_code"])
        off = self.override(domain, label)
        if off or (off is None and plist.get("Disabled")):
            raise Refused(self.state["disabled_code"])
        types = plist.get("LimitLoadToSessionType", [])
        types = [types] if isinstance(types, str) else types
        if types and self.session_type(domain) not in types:
            raise Refused(134)
        self.add(domain, path, plist)

    def add(self, domain, path, plist):
        job = {"path": path, "plist": plist, "runs": 0, "state": "not running", "exit": None, "since": self.state["clock"], "ends": None}
        self.state["jobs"].setdefault(domain, {})[plist["Label"]] = job
        keep = plist.get("KeepAlive")
        if plist.get("RunAtLoad") or keep is True or (isinstance(keep, dict) and "SuccessfulExit" in keep):
            self.start(job, "speculative")

    def start(self, job, reason):
        """A run: up until `ends`, or not at all when there is nothing to execute."""
        plist, clock = job["plist"], self.state["clock"]
        program = plist.get("Program") or plist["ProgramArguments"][0]
        known = self.state["programs"].get(program)
        job["runs"] += 1
        job["reason"] = reason
        job["since"] = clock
        if known is None and not os.path.exists(self.real(program)):
            job.update(state="not running", exit=["code", 78], pid=None, ends=None)
            job["job_state"] = "spawn failed"
            return
        known = known or {}
        job.update(state="running", pid=self.state["next_pid"], job_state="running")
        self.state["next_pid"] += 1
        job["ends"] = clock + known["runtime"] if "runtime" in known else None
        job["result"] = ["signal", known["signal"]] if "signal" in known else ["code", known.get("exit", 0)]

    def respawns(self, job):
        keep, last = job["plist"].get("KeepAlive"), job["exit"]
        if keep is True:
            return "inefficient"
        if not isinstance(keep, dict) or last is None:
            return None
        good = last == ["code", 0]
        if keep.get("SuccessfulExit") is good or keep.get("Crashed") is (last[0] == "signal"):
            return "semaphore"
        return None

    def throttle(self, job):
        t = job["plist"].get("ThrottleInterval", 10)
        return t if t > 0 else 10

    def tick(self, seconds):
        """Lets time pass: runs end, launchd starts them again no sooner than ThrottleInterval after the start before."""
        end = self.state["clock"] + seconds
        while self.state["clock"] < end:
            self.state["clock"] += 1
            for jobs in self.state["jobs"].values():
                for job in jobs.values():
                    self.tick_job(job)

    def tick_job(self, job):
        clock = self.state["clock"]
        if job["state"] == "running" and job["ends"] is not None and clock >= job["ends"]:
            job.update(state="not running", exit=job["result"], pid=None, ends=None, job_state="exited")
        if job["state"] in ("not running", "spawn scheduled"):
            interval = job["plist"].get("StartInterval")
            reason = self.respawns(job) or ("interval" if interval and clock - job["since"] >= interval else None)
            if reason and clock - job["since"] >= self.throttle(job):
                self.start(job, reason)
            elif reason:
                job["state"] = "spawn scheduled"

    def bootout(self, domain, label):
        self.may_change(domain)
        job = self.state["jobs"].get(domain, {}).get(label)
        if job is None:
            raise Refused(3)
        if job.get("leaving") is not None:
            raise Refused(36)
        if job["state"] == "running" and self.state["bootout_polls"] > 0:
            job.update(state="SIGTERMed", leaving=self.state["bootout_polls"])
        else:
            del self.state["jobs"][domain][label]
        if self.state["bootout_code"]:
            raise Refused(self.state["bootout_code"])

    def poll(self, domain):
        """A look at the domain is what brings a bootout nearer to its end: no clock, so no race in a test."""
        for label, job in list(self.state["jobs"].get(domain, {}).items()):
            if job.get("leaving") is not None:
                job["leaving"] -= 1
                if job["leaving"] < 0:
                    del self.state["jobs"][domain][label]

    def kickstart(self, domain, label, kill):
        self.may_change(domain)
        job = self.job(domain, label)
        if job["state"] == "running" and kill:
            job.update(state="not running", exit=["signal", 15], pid=None)
        if job["state"] != "running":
            self.start(job, "non-ipc demand")
        return job.get("pid")
