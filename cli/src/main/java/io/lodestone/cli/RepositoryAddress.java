package io.lodestone.cli;

import io.lodestone.repository.Repository;
import io.lodestone.repository.objects.ObjectStores;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code --repository}, for commands that need one. */
final class RepositoryAddress {
  static final String HELP =
      "where backups are kept: file:/path, s3://bucket/prefix?endpoint=URL&region=NAME&path-style=true,"
          + " or minio://host:port/bucket/prefix?tls=false; credentials are read from"
          + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

  @Option(names = "--repository", required = true, paramLabel = "URI", description = HELP)
  private String uri = "";

  @Mixin private final KeysetOption keyset = new KeysetOption();

  /** Fails with a hint where there is no repository. */
  Repository open() throws IOException {
    return Repository.open(ObjectStores.open(uri), keyset.cipher());
  }

  Repository openOrCreate() throws IOException {
    return Repository.openOrCreate(ObjectStores.open(uri), keyset.cipher());
  }
}
