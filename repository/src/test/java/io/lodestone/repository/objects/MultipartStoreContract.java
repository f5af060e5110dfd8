package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.peers.S3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** What a store promises of large objects, which it creates in parts. Each that can runs this. */
@ExtendWith(SharedS3Server.class)
abstract class MultipartStoreContract {
  private static final int TWO_PARTS_BYTES = MultipartUpload.PART_BYTES + 1_000;

  private final Running running;
  private final String bucket;
  private final String prefix = "test-" + UUID.randomUUID();
  private final S3Client s3;
  private ObjectStore store;

  MultipartStoreContract(Running running) {
    this.running = running;
    this.bucket = running.server().bucket();
    this.s3 = client(running.server());
  }

  private static S3Client client(S3Server server) {
    AwsBasicCredentials keys = AwsBasicCredentials.create(server.accessKey(), server.secretKey());
    return S3Client.builder()
        .endpointOverride(URI.create(server.endpoint()))
        .forcePathStyle(true)
        .region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(keys))
        .build();
  }

  /** A store that creates objects of more than {@code multipartAboveBytes} in parts. */
  abstract ObjectStore openStore(Running server, String prefix, int multipartAboveBytes);

  @BeforeEach
  void open() {
    store = openStore(running, prefix, 0);
  }

  @AfterEach
  void noUploadIsLeftUnfinished() {
    store.close();
    try (s3) {
      assertThat(s3.listMultipartUploads(r -> r.bucket(bucket).prefix(prefix)).uploads()).isEmpty();
    }
  }

  @Test
  void aLargeObjectIsStoredInParts() throws Exception {
    ByteString large = random(1, 2 * MultipartUpload.PART_BYTES + 1_000);
    assertThat(store.create("large", large)).isTrue();
    assertThat(read("large")).isEqualTo(large);
    assertThat(eTag("large")).endsWith("-3");
  }

  @Test
  void anObjectUpToTheThresholdIsStoredWhole() throws Exception {
    try (ObjectStore higher = openStore(running, prefix, TWO_PARTS_BYTES)) {
      higher.create("whole", random(1, TWO_PARTS_BYTES));
      assertThat(eTag("whole")).doesNotContain("-");
      higher.create("parts", random(1, TWO_PARTS_BYTES + 1));
      assertThat(eTag("parts")).endsWith("-2");
    }
  }

  @Test
  void anObjectThatWasPutWholeIsNotReplacedByParts() throws Exception {
    ByteString first = random(1, 1_000);
    try (ObjectStore whole = openStore(running, prefix, TWO_PARTS_BYTES)) {
      whole.create("taken", first);
    }
    assertThat(store.create("taken", random(2, TWO_PARTS_BYTES))).isFalse();
    assertThat(read("taken")).isEqualTo(first);
  }

  @Test
  void anObjectThatWasPutInPartsIsNotReplacedByAWholeOne() throws Exception {
    ByteString first = random(1, TWO_PARTS_BYTES);
    store.create("taken", first);
    try (ObjectStore whole = openStore(running, prefix, TWO_PARTS_BYTES)) {
      assertThat(whole.create("taken", random(2, 1_000))).isFalse();
    }
    assertThat(read("taken")).isEqualTo(first);
  }

  @Test
  void ofConcurrentCreatorsOfALargeObjectOneWinsAndItsBytesStay() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(3);
    try {
      List<ByteString> contents = new ArrayList<>();
      List<Callable<Boolean>> creators = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ByteString content = random(i, TWO_PARTS_BYTES);
        contents.add(content);
        creators.add(() -> store.create("race", content));
      }
      List<ByteString> winners = new ArrayList<>();
      List<Future<Boolean>> created = executor.invokeAll(creators);
      for (int i = 0; i < created.size(); i++) {
        if (created.get(i).get()) {
          winners.add(contents.get(i));
        }
      }
      assertThat(winners).containsExactly(read("race"));
    } finally {
      executor.shutdownNow();
    }
  }

  private static ByteString random(long seed, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    new Random(seed).nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private ByteString read(String name) throws IOException {
    try (InputStream in = store.read(name, 0, Integer.MAX_VALUE)) {
      return ByteString.readFrom(in);
    }
  }

  private String eTag(String name) {
    return s3.headObject(r -> r.bucket(bucket).key(prefix + "/" + name)).eTag().replace("\"", "");
  }
}
