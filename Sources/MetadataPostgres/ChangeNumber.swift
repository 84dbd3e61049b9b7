/// A number in the database that rises with each transaction that changes anything; writers raise it while they have the lock.
enum ChangeNumber {
    /// The channel on which the other nodes hear of the new number.
    static let channel = "granary_changes"

    /// Makes the place for the number.
    static let creation = """
        CREATE TABLE IF NOT EXISTS granary_changes (number BIGINT NOT NULL);
        INSERT INTO granary_changes (number) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM granary_changes)
        """

    /// Whether the place for the number is there.
    static let existence = "SELECT count(*)::text FROM pg_class WHERE oid = to_regclass('granary_changes')"

    /// Asks for the number.
    static let question = "SELECT number::text FROM granary_changes"

    /// Raises the number and tells it; listeners hear of it once it is committed.
    static let raise = """
        WITH raised AS (UPDATE granary_changes SET number = number + 1 RETURNING number)
        SELECT number::text, pg_notify('granary_changes', number::text) FROM raised
        """
}
