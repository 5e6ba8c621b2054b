"""The database, the files, the keys and the secrets: all that must not be lost."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from deploy.ecs.network import Network
from deploy.ecs.options import Options

__all__ = ["DATABASE", "Data"]

DATABASE = "praca"
_SECRET_CHARACTERS = 64
_OLD_VERSIONS_DAYS = 90
_PARAMETERS = {
    "rds.force_ssl": "1",
    # What takes long is logged, and never with the values it was asked with: they are people's.
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


class Data(Construct):
    """All that keeps something; it outlives the stack.

    Args:
        scope: of the stack.
        network: in which the database is.
        options: of whoever deploys.
    """

    def __init__(self, scope: Construct, network: Network, options: Options) -> None:
        super().__init__(scope, "Data")
        self.key = self._key("Key", "Database, files and secrets of Praça")
        # Apart from the other: whoever may read the files reads no document by it.
        self.documents_key = self._key("DocumentsKey", "Data keys of people's documents in Praça")
        self.database = self._database(network, options)
        secret = self.database.secret
        assert secret is not None  # noqa: S101  # its credentials are generated
        self.database_secret = secret
        self.files = s3.Bucket(
            self,
            "Files",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    noncurrent_version_expiration=Duration.days(_OLD_VERSIONS_DAYS),
                    expired_object_delete_marker=True,
                )
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.secret_key = self._secret("SecretKey", "Signs the access tokens of Praça")
        self.metrics_token = self._secret("MetricsToken", "Reads the metrics of Praça")

    def _key(self, name: str, description: str) -> kms.Key:
        return kms.Key(
            self,
            name,
            description=description,
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _secret(self, name: str, description: str) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            name,
            description=description,
            encryption_key=self.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=_SECRET_CHARACTERS, exclude_punctuation=True
            ),
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _database(self, network: Network, options: Options) -> rds.DatabaseInstance:
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_18_3)
        return rds.DatabaseInstance(
            self,
            "Database",
            engine=engine,
            instance_type=ec2.InstanceType(options.database_class),
            database_name=DATABASE,
            credentials=rds.Credentials.from_generated_secret(DATABASE, encryption_key=self.key),
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[network.database],
            publicly_accessible=False,
            multi_az=True,
            storage_type=rds.StorageType.GP3,
            storage_encrypted=True,
            storage_encryption_key=self.key,
            allocated_storage=options.database_gb,
            max_allocated_storage=10 * options.database_gb,
            backup_retention=Duration.days(options.backup_days),
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            deletion_protection=True,
            auto_minor_version_upgrade=True,
            ca_certificate=rds.CaCertificate.RDS_CA_RSA2048_G1,
            parameters=_PARAMETERS,
            cloudwatch_logs_exports=["postgresql"],
            removal_policy=RemovalPolicy.SNAPSHOT,
        )

    def log_group(self, scope: Construct, name: str) -> logs.LogGroup:
        """Make a group of log lines that are kept for a month."""
        return logs.LogGroup(
            scope,
            name,
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
