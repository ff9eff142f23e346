/* SPDX-License-Identifier: MIT */
#include "redact/class.h"

#include "formats/mem.h"

static const struct {
	const char *name, *label;
} classes[] = {
	[CLASS_NONE] = { "none", "secret" },
	[CLASS_REGISTRY_AUTH] = { "registryAuth", "registryAuth" },
	[CLASS_REGISTRY_TOKEN] = { "registryAuth", "secret" },
	[CLASS_URL] = { "url", "secret" },
	[CLASS_ENVIRONMENT] = { "environment", "secret" },
	[CLASS_ARGUMENT] = { "argument", "secret" },
	[CLASS_KEYED] = { "keyed", "secret" },
	[CLASS_DOTFILE] = { "dotfile", "secret" },
	[CLASS_PRIVATE_KEY] = { "privateKey", "privateKey" },
	[CLASS_KEY_FILE] = { "keyFile", "secret" },
	[CLASS_HTTP] = { "http", "secret" },
	[CLASS_COOKIE] = { "cookie", "cookie" },
	[CLASS_JWT] = { "jwt", "jwt" },
	[CLASS_HASH] = { "hash", "hash" },
	[CLASS_SEED] = { "seed", "seed" },
	[CLASS_ENCODED] = { "encoded", "encoded" },
	[CLASS_AWS] = { "aws", "aws" },
	[CLASS_GOOGLE] = { "google", "google" },
	[CLASS_AZURE] = { "azure", "azure" },
	[CLASS_GITHUB] = { "github", "github" },
	[CLASS_GITLAB] = { "gitlab", "gitlab" },
	[CLASS_SLACK] = { "slack", "slack" },
	[CLASS_STRIPE] = { "stripe", "stripe" },
	[CLASS_NPM] = { "npm", "npm" },
	[CLASS_PYPI] = { "pypi", "pypi" },
	[CLASS_DOCKER] = { "docker", "docker" },
	[CLASS_OPENAI] = { "openai", "openai" },
	[CLASS_ANTHROPIC] = { "anthropic", "anthropic" },
	[CLASS_HUGGINGFACE] = { "huggingface", "huggingface" },
	[CLASS_TAILSCALE] = { "tailscale", "tailscale" },
	[CLASS_DIGITALOCEAN] = { "digitalocean", "digitalocean" },
	[CLASS_VAULT] = { "vault", "vault" },
	[CLASS_TELEGRAM] = { "telegram", "telegram" },
	[CLASS_SENDGRID] = { "sendgrid", "sendgrid" },
	[CLASS_TWILIO] = { "twilio", "twilio" },
	[CLASS_PROVIDER] = { "providerToken", "providerToken" },
	[CLASS_WORD] = { "operatorWord", "operatorWord" },
	[CLASS_WITHHELD] = { "withheld", "withheld" },
	[CLASS_HOST] = { "hostName", "host" },
	[CLASS_USER] = { "userName", "user" },
	[CLASS_ADDRESS] = { "address", "address" },
};

const char *class_name(enum secret_class c)
{
	return c < ARRAY_LEN(classes) ? classes[c].name : NULL;
}

const char *class_label(enum secret_class c)
{
	return c < ARRAY_LEN(classes) ? classes[c].label : NULL;
}
