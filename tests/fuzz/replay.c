/* SPDX-License-Identifier: MIT */
/* Runs a fuzz harness over the files and directories named: a corpus replays with any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	/* exactly as large as the input: reading one byte past it is then an ASan report */
	uint8_t *p = malloc(size ? size : 1);

	if (!f || !p || fread(p, 1, size, f) != size) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		exit(2);
	}
	LLVMFuzzerTestOneInput(p, size);
	free(p);
	fclose(f);
	return 1;
}

static int replay(const char *path)
{
	struct stat st;
	int n = 0;

	if (stat(path, &st)) {
		perror(path);
		exit(2);
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path, (size_t)st.st_size);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		char sub[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name);
		n += replay(sub);
	}
	if (d)
		closedir(d);
	return n;
}

int main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++)
		n += replay(argv[i]);
	printf("replayed %d inputs\n", n);
	return n ? 0 : 1;
}
