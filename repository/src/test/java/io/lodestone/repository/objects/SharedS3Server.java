package io.lodestone.repository.objects;

import io.lodestone.peers.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one S3 server for the whole run, started by the first that asks and ended with the
 * run. Every test takes a prefix of its own.
 */
public final class SharedS3Server implements ParameterResolver {

  /** The server, and how to reach a fresh place on it. */
  public static final class Running implements AutoCloseable {
    /** Few, so that listings have several pages without many objects. */
    private static final int PAGE_KEYS = 10;

    private static final int NEVER_IN_PARTS = Integer.MAX_VALUE;

    private final Path directory;
    private final S3Server server;

    Running() throws Exception {
      directory = Files.createTempDirectory("s3-server");
      server = S3Server.start(directory);
    }

    public S3Server server() {
      return server;
    }

    public ObjectStore freshS3() {
      return s3("test-" + UUID.randomUUID());
    }

    public ObjectStore s3(String prefix) {
      return s3(prefix, NEVER_IN_PARTS);
    }

    ObjectStore s3(String prefix, int multipartAboveBytes) {
      String address = "s3://" + server.bucket() + "/" + prefix + "?endpoint=" + server.endpoint();
      return new S3ObjectStore(
          BucketAddress.ofS3(address), credentials(), PAGE_KEYS, multipartAboveBytes);
    }

    public ObjectStore freshMinio() {
      return minio("test-" + UUID.randomUUID(), NEVER_IN_PARTS);
    }

    ObjectStore minio(String prefix, int multipartAboveBytes) {
      String host = server.endpoint().replaceFirst("http://", "");
      String address = "minio://" + host + "/" + server.bucket() + "/" + prefix + "?tls=false";
      return new MinioObjectStore(
          BucketAddress.ofMinio(address), credentials(), PAGE_KEYS, multipartAboveBytes);
    }

    private Optional<Credentials> credentials() {
      return Optional.of(new Credentials(server.accessKey(), server.secretKey()));
    }

    @Override
    public void close() throws IOException {
      server.close();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(SharedS3Server.class))
        .computeIfAbsent(Running.class);
  }
}
