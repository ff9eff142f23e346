# SPDX-License-Identifier: MIT
"""What launchctl prints, as macOS 15 to 26 print it (samples 02, 07, 39, 48, 52)."""

SIGNALS = {1: "Hangup", 6: "Abort trap", 9: "Killed", 11: "Segmentation fault", 15: "Terminated"}
PLAIN_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


def exit_line(job):
    last = job["exit"]
    if last is None:
        return "last exit code = (never exited)"
    if last[0] == "signal":
        return f"last terminating signal = {SIGNALS.get(last[1], 'Unknown signal')}: {last[1]}"
    if last[0] == "reason":
        return f"last exit reason = {last[1]}"
    return "last exit code = " + ("78: EX_CONFIG" if last[1] == 78 else str(last[1]))


def properties(job, domain):
    plist, words = job["plist"], []
    keep = plist.get("KeepAlive")
    if keep is True:
        words.append("keepalive")
    if plist.get("RunAtLoad") or (isinstance(keep, dict) and "SuccessfulExit" in keep):
        words.append("runatload")
    if plist.get("LowPriorityIO"):
        words.append("low priority i/o")
    if job.get("penalty"):
        words.append("penalty box")
    if "Program" not in plist:
        words.append("inferred program")
    return words + job.get("properties", [])


def block(key, lines):
    return [f"\t{key} = {{"] + [f"\t\t{line}" for line in lines] + ["\t}", ""]


def service(mac, domain, label, job):
    plist = job["plist"]
    args = plist.get("ProgramArguments") or [plist["Program"]]
    out = [f"{domain}/{label} = {{", f"\tactive count = {1 if job.get('pid') else 0}", f"\tpath = {job['path']}"]
    out += [f"\ttype = {'LaunchDaemon' if domain == 'system' else 'LaunchAgent'}", f"\tstate = {job['state']}", ""]
    out += [f"\tprogram = {plist.get('Program') or args[0]}"] + block("arguments", args)
    if "WorkingDirectory" in plist:
        out += [f"\tworking directory = {plist['WorkingDirectory']}", ""]
    for key, word in (("StandardOutPath", "stdout"), ("StandardErrorPath", "stderr")):
        if key in plist:
            out.append(f"\t{word} path = {plist[key]}")
    inherited = job.get("inherited", {} if domain == "system" else {"SSH_AUTH_SOCK": "/private/tmp/com.apple.launchd.simulated/Listeners"})
    if inherited:
        out += block("inherited environment", [f"{k} => {v}" for k, v in inherited.items()])
    out += block("default environment", [f"PATH => {PLAIN_PATH}"])
    env = {"OSLogRateLimit": "64", **plist.get("EnvironmentVariables", {}), "XPC_SERVICE_NAME": label}
    out += block("environment", [f"{k} => {v}" for k, v in env.items()])
    if domain == "system":
        out.append("\tdomain = system")
        if "UserName" in plist:
            out.append(f"\tusername = {plist['UserName']}")
    else:
        asid = mac.state["sessions"].get(domain.split("/")[1], {}).get("asid", 100000)
        out += [f"\tdomain = {domain} [{asid}]", f"\tasid = {asid}"]
    out += [f"\tminimum runtime = {mac.throttle(job)}", f"\texit timeout = {plist.get('ExitTimeOut', 5)}", f"\truns = {job['runs']}"]
    if job.get("pid"):
        out += [f"\tpid = {job['pid']}", f"\timmediate reason = {job['reason']}", "\tforks = 0", "\texecs = 1", "\tinitialized = 1",
                "\ttrampolined = 1", "\tstarted suspended = 0", "\tproxy started suspended = 0", "\tchecked allocations = 0 (queried = 1)",
                "\tchecked allocations reason = no host", "\tchecked allocations flags = 0x0"]
    out += ["\t" + exit_line(job), ""]
    keep = plist.get("KeepAlive")
    if isinstance(keep, dict):
        names = (("SuccessfulExit", "successful exit"), ("Crashed", "after crash"))
        out += block("semaphores", [f"{w} => {int(keep[k])}" for k, w in names if k in keep])
    if job["runs"] and not job.get("no_coalitions"):
        for kind, number in (("resource", job.get("coalition", 1150)), ("jetsam", job.get("coalition", 1150) + 1)):
            out += block(f"{kind} coalition", [f"ID = {number}", f"type = {kind}", "state = active", "active count = 1", f"name = {label}"])
    spawn = "background (5)" if plist.get("ProcessType") == "Background" else "daemon (3)"
    out += [f"\tspawn type = {spawn}", "\tjetsam priority = 40", "\tjetsam memory limit (active) = (unlimited)",
            "\tjetsam memory limit (inactive) = (unlimited)", "\tjetsamproperties category = daemon", "\tjetsam thread limit = 32",
            "\tcpumon = default"]
    if "StartInterval" in plist:
        out.append(f"\trun interval = {plist['StartInterval']} seconds")
    if job.get("job_state") and domain != "system":
        out += [f"\tjob state = {job['job_state']}", "\tsanitizer flags = 0x0"]
    out += ["", "\tproperties = " + " | ".join(properties(job, domain)), "}", ""]
    return "\n".join(out)


def status_of(job):
    last = job["exit"]
    if last is None:
        return "0" if job.get("pid") else "-"
    return str(last[1]) if last[0] == "code" else str(-last[1]) if last[0] == "signal" else "?"


def domain(mac, target):
    jobs = mac.state["jobs"].get(target, {})
    active = sum(1 for j in jobs.values() if j.get("pid"))
    out = [f"{target} = {{", f"\ttype = {'system' if target == 'system' else 'login' if target.startswith('gui') else 'user'}",
           f"\thandle = {0 if target == 'system' else 100020}", f"\tactive count = {len(jobs)}", f"\tservice count = {len(jobs)}",
           f"\tactive service count = {active}", "\tcreator = launchd[1]" if target == "system" else "\tcreator = loginwindow[536]",
           "\tcreator euid = 0"]
    if target != "system":
        out.append(f"\tsession = {mac.session_type(target)}")
    out += ["\tsecurity context = {", "\t\tuid unset" if target == "system" else f"\t\tuid = {target.split('/')[1]}", "\t\tasid = 0", "\t}", ""]
    out.append("\tservices = {")
    for label, job in jobs.items():
        out.append("\t\t%8d %6s \t%s" % (job.get("pid") or 0, status_of(job) if job["exit"] else "-", label))
    out += ["\t}", ""] + ["\tdisabled services = {"]
    for label, off in mac.overrides(target).items():
        out.append(f'\t\t"{label}" => {"disabled" if off else "enabled"}')
    return "\n".join(out + ["\t}", "", "}", ""])


def disabled(mac, target):
    rows = mac.overrides(target)
    out = ["", "\tdisabled services = {"] + [f'\t\t"{label}" => {"disabled" if off else "enabled"}' for label, off in rows.items()]
    return "\n".join(out + ["\t}", ""])


def table(jobs):
    rows = ["PID\tStatus\tLabel"]
    for label, job in jobs.items():
        status = status_of(job)
        rows.append(f"{job.get('pid') or '-'}\t{0 if status == '-' else status}\t{label}")
    return "\n".join(rows) + "\n"


def value(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    return f'"{v}"' if isinstance(v, str) else str(v)


def one(job, domain_type):
    """`list LABEL`: the keys in the order that captures show; LastExitStatus is a raw wait status."""
    plist, last = job["plist"], job["exit"]
    raw = 0 if last is None else last[1] << 8 if last[0] == "code" else last[1]
    rows = [("StandardOutPath", plist.get("StandardOutPath")), ("LimitLoadToSessionType", domain_type),
            ("StandardErrorPath", plist.get("StandardErrorPath")), ("Label", plist["Label"]),
            ("OnDemand", plist.get("KeepAlive") is not True), ("LastExitStatus", raw), ("PID", job.get("pid")),
            ("Program", plist.get("Program") or plist["ProgramArguments"][0])]
    out = ["{"] + [f'\t"{k}" = {value(v)};' for k, v in rows if v is not None]
    if len(plist.get("ProgramArguments", [])) > 1:
        out += ['\t"ProgramArguments" = ('] + [f'\t\t"{a}";' for a in plist["ProgramArguments"]] + ["\t);"]
    return "\n".join(out + ["};", ""])
