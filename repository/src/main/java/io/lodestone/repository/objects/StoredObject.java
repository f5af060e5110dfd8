package io.lodestone.repository.objects;

/** An object as a listing shows it. Immutable. */
public record StoredObject(String name, long sizeBytes) {}
