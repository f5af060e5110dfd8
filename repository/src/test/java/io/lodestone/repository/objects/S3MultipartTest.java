package io.lodestone.repository.objects;

import io.lodestone.repository.objects.SharedS3Server.Running;

final class S3MultipartTest extends MultipartStoreContract {
  S3MultipartTest(Running running) {
    super(running);
  }

  @Override
  ObjectStore openStore(Running server, String prefix, int multipartAboveBytes) {
    return server.s3(prefix, multipartAboveBytes);
  }
}
