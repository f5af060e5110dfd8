package io.lodestone.repository.objects;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Creates one object of an S3 bucket in parts, which are sent one after the other. Nothing is
 * visible under the name before the last request, which is conditional. Immutable.
 */
final class MultipartUpload {
  /** S3 wants at least 5 MiB of every part but the last, and at most 10 000 parts. */
  static final int PART_BYTES = 8 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(MultipartUpload.class);
  private static final Duration ABORT_PATIENCE = Duration.ofSeconds(10);

  private final S3Client client;
  private final String bucket;
  private final String key;
  private final String contentType;
  private final boolean checksums;

  /**
   * @param checksums true to let the server check a CRC-32 of every part, and of the list of parts
   */
  MultipartUpload(
      S3Client client, String bucket, String key, String contentType, boolean checksums) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.contentType = contentType;
    this.checksums = checksums;
  }

  /**
   * When this returns, the object is durable and whole. Fails as the client does, with 412 where an
   * object of that name exists; the parts are thrown away then, also where it is unknown whether
   * the last request was applied, since an upload that was completed has none any more.
   *
   * @param bytes not empty
   */
  void createIfAbsent(ByteString bytes) {
    String id = client.createMultipartUpload(beginning()).uploadId();
    boolean complete = false;
    try {
      complete(id, send(id, bytes));
      complete = true;
    } finally {
      if (!complete) {
        abort(id);
      }
    }
  }

  /** A server takes checksums of parts only if they were announced here. */
  private CreateMultipartUploadRequest beginning() {
    var request =
        CreateMultipartUploadRequest.builder().bucket(bucket).key(key).contentType(contentType);
    return checksums ? request.checksumAlgorithm(ChecksumAlgorithm.CRC32).build() : request.build();
  }

  private List<CompletedPart> send(String id, ByteString bytes) {
    List<CompletedPart> parts = new ArrayList<>();
    for (int from = 0; from < bytes.size(); from += PART_BYTES) {
      int to = Math.min(bytes.size(), from + PART_BYTES);
      parts.add(send(id, parts.size() + 1, bytes.substring(from, to)));
    }
    return parts;
  }

  private CompletedPart send(String id, int number, ByteString part) {
    var request = UploadPartRequest.builder().bucket(bucket).key(key).uploadId(id);
    if (checksums) {
      request.checksumAlgorithm(ChecksumAlgorithm.CRC32);
    }
    UploadPartResponse stored =
        client.uploadPart(
            request.partNumber(number).build(),
            RequestBody.fromContentProvider(part::newInput, part.size(), contentType));
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(stored.eTag())
        .checksumCRC32(stored.checksumCRC32())
        .build();
  }

  private void complete(String id, List<CompletedPart> parts) {
    client.completeMultipartUpload(
        r ->
            r.bucket(bucket)
                .key(key)
                .uploadId(id)
                .ifNoneMatch("*")
                .multipartUpload(upload -> upload.parts(parts)));
  }

  /** Leaves the outcome of the upload as it is: what the caller has to know is thrown already. */
  private void abort(String id) {
    boolean interrupted =
        Thread.interrupted(); // the client refuses to send anything while it is set
    try {
      client.abortMultipartUpload(
          r ->
              r.bucket(bucket)
                  .key(key)
                  .uploadId(id)
                  .overrideConfiguration(c -> c.apiCallTimeout(ABORT_PATIENCE)));
    } catch (NoSuchUploadException e) {
      LOG.atDebug().addKeyValue("key", key).log("the upload to abort is gone already");
    } catch (SdkException e) {
      LOG.atWarn()
          .addKeyValue("bucket", bucket)
          .addKeyValue("key", key)
          .addKeyValue("uploadId", id)
          .setCause(e)
          .log("an unfinished upload is left behind");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
